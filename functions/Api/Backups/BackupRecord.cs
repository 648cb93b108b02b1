using System.Text.Json.Serialization;

namespace TumorFunctions.Api.Backups;

/// <summary>What is known of a backup, beside its manifest; it is no part of any backup.</summary>
public sealed record BackupRecord
{
    public const string DocumentKind = "backup";

    public const string InProgress = "in_progress";
    public const string Completed = "completed";
    public const string Failed = "failed";

    /// <summary>Its manifest is gone already, and the rest goes.</summary>
    public const string Deleting = "deleting";

    public string Kind { get; init; } = DocumentKind;

    public required string BackupId { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>User name, or null for the timer, and for a backup that was found in the container.</summary>
    public string? StartedBy { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int? EstimatedDurationS { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>Of the manifest, hexadecimal; null until it is written.</summary>
    public string? ManifestSha256 { get; init; }

    public BackupTotals? Totals { get; init; }

    /// <summary>Blobs whose content the store had lost before the backup.</summary>
    public int Missing { get; init; }

    /// <summary>Bytes that the blob store held when the backup was done; null where it cannot say.</summary>
    public long? StoreBytes { get; init; }

    public TaskRecord? Verification { get; init; }

    public TaskRecord? Restore { get; init; }

    /// <summary>Whether its latest verification went through and found nothing.</summary>
    [JsonIgnore]
    public bool IsProven => Status == Completed && Verification is { Status: Completed, ProblemCount: 0 };
}

/// <summary>The latest verification or restore of a backup.</summary>
public sealed record TaskRecord
{
    public required string InstanceId { get; init; }

    public required string Status { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public string? StartedBy { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public string? Error { get; init; }

    /// <summary>Documents, blobs and models that were looked at.</summary>
    public long Checked { get; init; }

    public long ProblemCount { get; init; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<BackupProblem> Problems { get; init; } = [];

    /// <summary>For a restore.</summary>
    public RestoreTotals? Restored { get; init; }

    public bool Overwrite { get; init; }

    public bool DryRun { get; init; }
}

/// <param name="Item">A document (container/partition/id), a blob (container/name), a model, or a file of the backup itself.</param>
public sealed record BackupProblem(string Item, string Reason);

/// <param name="ContentBytes">Bytes of blobs and models.</param>
/// <param name="NewBytes">Those of them that were not stored by an earlier backup.</param>
public sealed record BackupTotals(long Documents, long DocumentBytes, long Blobs, long Models, long ContentBytes, long NewBytes)
{
    [JsonIgnore]
    public long Items => Documents + Blobs + Models;
}

/// <param name="Written">Items that were missing or older.</param>
/// <param name="Same">Items that were there already as they are in the backup.</param>
/// <param name="KeptNewer">Items whose newer version was kept.</param>
public sealed record RestoreTotals(long Written, long Same, long KeptNewer)
{
    public static RestoreTotals operator +(RestoreTotals a, RestoreTotals b) =>
        new(a.Written + b.Written, a.Same + b.Same, a.KeptNewer + b.KeptNewer);
}

/// <summary>Held by the one backup, verification, restore or delete that runs.</summary>
/// <param name="Maintenance">Whether other requests are refused meanwhile.</param>
/// <param name="InstanceId">Of the orchestration; null for work within a request.</param>
public sealed record BackupLock(string Operation, string BackupId, string? InstanceId, DateTimeOffset Since, bool Maintenance);
