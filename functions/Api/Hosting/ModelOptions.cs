using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Hosting;

/// <summary>Settings under <c>Models</c>.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Folder of models that are only read; empty for those that ship beside the app. Uploads live in the data folder.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Model used where a request names none and no administrator activated another.</summary>
    [Required]
    public string Default { get; set; } = "Yolov11_best";

    [Range(1.0, 2e9)]
    public long MaxUploadBytes { get; set; } = 512L << 20;

    /// <summary>Memory that the trial run of a stranger's model may take beyond that of an empty process.</summary>
    [Range(1.0, 1e13)]
    public long TrialMemoryBytes { get; set; } = 4L << 30;

    [Range(1, 3600)]
    public int TrialSeconds { get; set; } = 120;
}
