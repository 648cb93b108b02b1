using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Hosting;

/// <summary>Settings under <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Folder of the embedded stores; relative to the working directory.</summary>
    [Required]
    public string DataFolder { get; set; } = "data";
}
