using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Inbox;

/// <summary>Settings under <c>Inbox</c>.</summary>
public sealed class InboxOptions
{
    public const string Section = "Inbox";

    /// <summary>Largest file that the inbox takes.</summary>
    [Range(1.0, 1e12)]
    public long MaxBytes { get; set; } = 2L << 30;

    /// <summary>How long an upload URL is good for.</summary>
    [Range(1, 604_800)]
    public int UploadUrlSeconds { get; set; } = 3600;

    /// <summary>Failures after which a file is put aside.</summary>
    [Range(1, 5)]
    public int MaxFailures { get; set; } = 5;

    /// <summary>Attempts, those included that ended with the process, after which a file is put aside.</summary>
    [Range(1, 25)]
    public int MaxStarts { get; set; } = 20;
}
