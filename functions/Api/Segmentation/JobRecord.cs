namespace TumorFunctions.Api.Segmentation;

/// <summary>The states of a job and of its images, as the API shows them.</summary>
public static class JobState
{
    public const string Pending = "pending";
    public const string Processing = "processing";
    public const string Completed = "completed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    public static IReadOnlyList<string> All { get; } = [Pending, Processing, Completed, Failed, Cancelled];

    public static bool IsFinal(string state) => state is Completed or Failed or Cancelled;
}

/// <summary>A segmentation job as stored. How far it is, its orchestration knows.</summary>
public sealed record JobRecord
{
    public const string DocumentKind = "job";

    public string Kind { get; init; } = DocumentKind;

    public required string JobId { get; init; }

    public required string Status { get; init; }

    /// <summary>One for each image.</summary>
    public required IReadOnlyList<int> ImageIds { get; init; }

    /// <summary>The work planned for each image, in units of <see cref="ItemWork"/>.</summary>
    public required IReadOnlyList<int> Work { get; init; }

    public required string? WeightPath { get; init; }

    public required double? Confidence { get; init; }

    /// <summary>0: nobody, where that is allowed, or the inbox.</summary>
    public required int StartedBy { get; init; }

    /// <summary>Hash of what was asked for; a repeated request has the same.</summary>
    public required string RequestHash { get; init; }

    public required string CorrelationId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Milliseconds since 1970, which queries order by.</summary>
    public long CreatedMs => CreatedAt.ToUnixTimeMilliseconds();

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int Succeeded { get; init; }

    public int Failures { get; init; }

    /// <summary>Why the job failed, or the first of its images did.</summary>
    public string? Error { get; init; }

    /// <summary>Of a cancelled job, how far it was.</summary>
    public int Percent { get; init; }

    /// <summary>Whether the orchestration's records are still there.</summary>
    public bool HasHistory { get; init; } = true;

    public bool IsFinal => JobState.IsFinal(Status);
}

/// <summary>How an image of a job ended.</summary>
/// <param name="Status">completed or failed.</param>
public sealed record JobItemRecord(int Index, int ImageId, string Status, ItemFailure? Failure)
{
    public const string DocumentKind = "item";

    public string Kind { get; init; } = DocumentKind;
}

/// <summary>Why an image could not be analysed, as the error envelope says it.</summary>
public sealed record ItemFailure(string Code, string Error, string? Message);
