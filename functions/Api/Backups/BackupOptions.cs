using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Backups;

/// <summary>Settings under <c>Backups</c>.</summary>
public sealed class BackupOptions
{
    public const string Section = "Backups";

    /// <summary>Stands for no schedule, where a trigger must have one: the function does nothing when it comes.</summary>
    public const string Never = "0 0 0 1 1 *";

    /// <summary>When the nightly backup runs (NCRONTAB with seconds); empty for none.</summary>
    public string Schedule { get; set; } = "";

    /// <summary>Completed backups that are kept, the newest ones; 0 for all.</summary>
    [Range(0, 10_000)]
    public int KeepLast { get; set; } = 14;

    /// <summary>Days for which completed backups are kept beyond <see cref="KeepLast"/>; 0: those beyond it go at once.</summary>
    [Range(0, 36_500)]
    public int KeepDays { get; set; }

    /// <summary>Blobs that one activity copies.</summary>
    [Range(1, 10_000)]
    public int BlobsPerPart { get; set; } = 500;

    /// <summary>Bytes after which an activity takes no further blob: what a kill costs at most.</summary>
    [Range(1, 1e13)]
    public long BytesPerPart { get; set; } = 256L << 20;

    /// <summary>Bytes of JSON after which a file of documents takes no further page.</summary>
    [Range(1, 32 << 20)]
    public int DocumentBytesPerPart { get; set; } = 8 << 20;

    /// <summary>Parts that are copied side by side.</summary>
    [Range(1, 32)]
    public int Parallel { get; set; } = 2;

    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Wait before the second attempt at an activity; it doubles with every further one.</summary>
    [Range(0.01, 3600)]
    public double RetrySeconds { get; set; } = 2;

    /// <summary>
    /// Wait between the moment that requests are refused and the first write of a restore. Instances look for that state every second, so
    /// less is not enough where there are several.
    /// </summary>
    [Range(0, 3600)]
    public double SettleSeconds { get; set; } = 3;
}
