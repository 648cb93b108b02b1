using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts a function for each new version of a blob.</summary>
/// <param name="blobPath"><c>container/pattern</c>; <c>{name}</c> in the pattern stands for any text, slashes too, and names a
/// parameter.</param>
public sealed class BlobTriggerAttribute(string blobPath) : TriggerBindingAttribute
{
    public string BlobPath { get; } = blobPath;

    public string? Connection { get; set; }

    public BlobTriggerSource Source { get; set; } = BlobTriggerSource.LogsAndContainerScan;
}

/// <summary>How new blobs are noticed on Azure; the local worker scans.</summary>
public enum BlobTriggerSource
{
    LogsAndContainerScan,
    EventGrid,
}
