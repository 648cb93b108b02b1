using System.Text.Json;
using System.Text.Json.Serialization;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Segmentation;

public sealed record StartAnswer(string JobId, string Status, DateTimeOffset CreatedAt);

/// <summary>How far a job is. What does not apply to its state is left out.</summary>
public sealed record ProgressAnswer(string JobId, string Status, int Progress)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CurrentStep { get; init; }

    /// <summary>From the pace so far; null until there is one.</summary>
    [JsonIgnore]
    public int? EtaSeconds { get; init; }

    /// <summary>Shown, null or not, while the job has not ended.</summary>
    [JsonExtensionData]
    public Dictionary<string, object?>? Eta => JobState.IsFinal(Status) ? null : new() { ["eta_seconds"] = EtaSeconds };

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SegmentationSummary? Result { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}

/// <summary>Null where nothing was found; of a job over several images the first one's.</summary>
public sealed record SegmentationSummary(JsonElement? SegmentationMask, JsonElement? TumorVolume);

public sealed record JobListAnswer(IReadOnlyList<JobListItem> Jobs, Pagination Pagination);

/// <summary>A job as lists show it.</summary>
public sealed record JobListItem
{
    public JobListItem(JobRecord job)
    {
        JobId = job.JobId;
        Status = job.Status;
        CreatedAt = job.CreatedAt;
        StartedAt = job.StartedAt;
        FinishedAt = job.FinishedAt;
        StartedBy = job.StartedBy == 0 ? null : job.StartedBy;
        ImageIds = job.ImageIds;
        Succeeded = job.Succeeded;
        Failed = job.Failures;
        Error = job.Error;
    }

    public string JobId { get; }

    public string Status { get; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset? StartedAt { get; }

    public DateTimeOffset? FinishedAt { get; }

    /// <summary>Null where nobody was logged in.</summary>
    public int? StartedBy { get; }

    public IReadOnlyList<int> ImageIds { get; }

    public int Succeeded { get; }

    public int Failed { get; }

    public string? Error { get; }
}

public sealed record JobResultAnswer(
    string JobId, string Status, int Total, int Succeeded, int Failed, IReadOnlyList<JobResultItem> Items);

/// <param name="Result">What POST /api/results/analyze answers for the image.</param>
/// <param name="Error">The error envelope, where the image failed.</param>
public sealed record JobResultItem(int ImageId, string Status, JsonElement? Result, ErrorAnswer? Error);

public sealed record CancelAnswer(string Message, string JobId, string Status);
