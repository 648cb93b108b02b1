using TumorFunctions.Api.Images;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Results;

/// <summary>
/// The spacing that measurements stand on: the file's own, else what a user stated for the image, else 1 mm, and then said so.
/// Slice thickness is never assumed: without one there is no volume.
/// </summary>
public sealed record SpacingChoice(double X, double Y, double? SliceThickness, string Source, IReadOnlyList<string> Notes)
{
    public const string File = "file";
    public const string User = "user";
    public const string Assumed = "assumed";

    /// <summary>For texture and shape features, which need three lengths; a lone slice counts as 1 mm thick where nothing is known.</summary>
    public VoxelSpacing Voxel => new(X, Y, SliceThickness ?? 1);

    /// <summary>Lengths along the axes of slices as they are shown.</summary>
    public ShownSpacing Turned(AnatomicalAxes axes)
    {
        var turned = axes.Apply(Voxel);
        return new ShownSpacing(turned.X, turned.Y, SliceThickness is null ? null : turned.Z);
    }

    public static SpacingChoice For(VolumeGeometry geometry, ImageFacts facts)
    {
        var stated = geometry is { Depth: > 1, IsSliceDistanceAssumed: false } ? geometry.Spacing?.Z : geometry.SliceThickness;
        var thickness = stated ?? facts.SliceThickness;
        List<string> notes = [];
        if (thickness is null)
        {
            notes.Add("层厚未知，无法计算肿瘤体积和三维特征；可通过 slice_thickness (mm) 提供");
        }

        if (geometry.Spacing is { } spacing)
        {
            return new SpacingChoice(spacing.X, spacing.Y, thickness, File, notes);
        }

        if (facts.PixelSpacing is { } pixel)
        {
            return new SpacingChoice(pixel, pixel, thickness, User, notes);
        }

        notes.Add("文件未包含像素间距，按 1 mm 计算；可通过 pixel_spacing (mm) 提供");
        return new SpacingChoice(1, 1, thickness, Assumed, notes);
    }
}

/// <param name="SliceDistance">Of a single slice its thickness; null where unknown.</param>
public sealed record ShownSpacing(double X, double Y, double? SliceDistance)
{
    public double[] Values => SliceDistance is { } z ? [X, Y, z] : [X, Y];
}
