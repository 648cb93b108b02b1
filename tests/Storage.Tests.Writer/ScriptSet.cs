namespace TumorFunctions.Storage.Tests.Writer;

public static class ScriptSet
{
    public const int Count = 5;

    /// <summary>The scripts that one process runs side by side; their order is their number.</summary>
    public static IReadOnlyList<Script> Of(IDocumentStore documents, IBlobStore blobs, string prefix) =>
    [
        new DocumentScript(documents, $"{prefix}d0-"), new DocumentScript(documents, $"{prefix}d1-"),
        new BlobScript(blobs, $"{prefix}b0-"), new BlobScript(blobs, $"{prefix}b1-"), new BlobScript(blobs, $"{prefix}b2-"),
    ];
}
