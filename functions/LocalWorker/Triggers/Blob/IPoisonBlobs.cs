namespace TumorFunctions.LocalWorker.Triggers.Blob;

/// <summary>The blobs that a function was tried on until its attempts were used up. A new version of the blob is tried anew.</summary>
public interface IPoisonBlobs
{
    IReadOnlyList<PoisonBlob> List();
}

/// <param name="Attempts">Attempts that failed.</param>
/// <param name="Error">The message of the last failure.</param>
public sealed record PoisonBlob(
    string Function, string Container, string Name, string ETag, int Attempts, string Error, DateTimeOffset GivenUpAt);
