using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Inbox;

/// <summary>What has become of a file: one for each name and content, so that the same file twice is one image.</summary>
public sealed record InboxReceipt
{
    public required string ReceiptId { get; init; }

    /// <summary>The id that the image gets, however often the work is begun anew.</summary>
    public required int ImageId { get; init; }

    /// <summary>Attempts in all.</summary>
    public int Starts { get; init; }

    /// <summary>Attempts that failed for no reason of the file's.</summary>
    public int Failures { get; init; }

    /// <summary>Null until the analysis was started.</summary>
    public string? JobId { get; init; }
}

/// <summary>What was said of a file when its upload URL was asked for.</summary>
public sealed record InboxTicket(
    string BlobName, string Filename, long Size, ImageFacts Facts, string? Diagnosis, int UserId, DateTimeOffset ExpiresAt, long ExpiresMs);

/// <summary>A file that was put aside.</summary>
public sealed record QuarantineRecord
{
    public const string DocumentKind = "quarantine";

    public string Kind { get; init; } = DocumentKind;

    public required string QuarantineId { get; init; }

    /// <summary>Name of the blob in the inbox.</summary>
    public required string Name { get; init; }

    public required long Size { get; init; }

    /// <summary>Code of the error envelope.</summary>
    public required string Code { get; init; }

    public required string Error { get; init; }

    public required string? Message { get; init; }

    public required string CorrelationId { get; init; }

    public required DateTimeOffset QuarantinedAt { get; init; }

    public long QuarantinedMs => QuarantinedAt.ToUnixTimeMilliseconds();
}
