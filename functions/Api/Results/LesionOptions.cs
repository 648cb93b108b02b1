using System.ComponentModel.DataAnnotations;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Settings under <c>Lesions</c>: which regions of a volume count as tumour (<see cref="LesionRule"/>).</summary>
public sealed class LesionOptions
{
    public const string Section = "Lesions";

    /// <summary>A region over so many slices is kept whatever its score.</summary>
    [Range(1, 100)]
    public int MinSlices { get; set; } = LesionRule.Default.MinSlices;

    /// <summary>A region over fewer slices is kept from this score on.</summary>
    [Range(0.0, 1.0)]
    public double LoneSliceConfidence { get; set; } = LesionRule.Default.LoneSliceConfidence;

    public LesionRule Rule => new(MinSlices, LoneSliceConfidence);
}
