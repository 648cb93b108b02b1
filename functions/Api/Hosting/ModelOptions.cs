using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Hosting;

/// <summary>Settings under <c>Models</c>.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Folder of the registry; empty for the models that ship beside the app.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Model used where a request names none.</summary>
    [Required]
    public string Default { get; set; } = "Yolov11_best";
}
