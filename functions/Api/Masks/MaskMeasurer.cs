using TumorFunctions.Api.Images;
using TumorFunctions.Api.Radiomics;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Masks;

/// <param name="Mask">On the grid of the slices as they are shown.</param>
/// <param name="Lesions">Of a model's mask, with their scores, largest first.</param>
public sealed record ShownMask(AnatomicalAxes Axes, Mask Mask, IReadOnlyList<Lesion>? Lesions = null);

/// <summary>A mask ready to be kept.</summary>
/// <param name="Mask">On the array of the image's file.</param>
/// <param name="Geometry">That array's grid.</param>
/// <param name="Png">The slice that <see cref="MeasuredMask.Slice"/> names.</param>
public sealed record DrawnMask(MeasuredMask Measured, Mask Mask, VolumeGeometry Geometry, byte[] Png);

/// <summary>Measures masks, whoever drew them, in one way.</summary>
public sealed class MaskMeasurer(TimeProvider time)
{
    /// <param name="source"><see cref="MeasuredMask.Model"/> or <see cref="MeasuredMask.Clinician"/>.</param>
    public async Task<DrawnMask> MeasureAsync(
        ImageRecord image, Volume volume, ShownMask shown, string source, CancellationToken cancellationToken)
    {
        var sized = Size(image, volume.Geometry, shown, source);

        // The features take as long as everything else together, on one core.
        var png = Task.Run(() => MaskPng.Encode(shown.Mask, sized.Slice), CancellationToken.None);
        var onFile = shown.Axes.Restore(shown.Mask);
        var measured = sized with { RadiomicsFeatures = Describe(image, volume, onFile, cancellationToken) };
        return new DrawnMask(measured, onFile, volume.Geometry, await png);
    }

    /// <summary>Sizes of a mask, under a version of its own; the features are yet to come.</summary>
    /// <param name="source"><see cref="MeasuredMask.Model"/> or <see cref="MeasuredMask.Clinician"/>.</param>
    public MeasuredMask Size(ImageRecord image, VolumeGeometry geometry, ShownMask shown, string source)
    {
        var spacing = SpacingChoice.For(geometry, image.Facts);
        var lengths = spacing.Turned(shown.Axes);
        var sizes = LesionMeasurements.Measure(shown.Mask, (lengths.X, lengths.Y), lengths.SliceDistance);
        List<string> notes = [.. spacing.Notes];
        if (sizes is null)
        {
            notes.Add("掩膜为空，表示没有肿瘤，因此没有测量值");
        }

        return Named(image, new MeasuredMask
        {
            Source = source,
            Version = "",
            SliceFilename = "",
            VolumeFilename = "",
            Slice = sizes?.MiddleSlice ?? shown.Mask.Depth / 2,
            View = ViewNames.Of(shown.Axes),
            IsEmpty = sizes is null,
            TumorArea = sizes?.AreaMm2,
            TumorVolume = sizes?.VolumeMm3,
            MaxDiameter = sizes?.MaxDiameterMm,
            BoundingBox3D = sizes?.Box.ToArray(),
            LesionCount = sizes?.LesionCount ?? 0,
            Lesions = [.. (sizes?.Lesions ?? []).Select((lesion, i) => new LesionOutcome(
                lesion.VoxelCount,
                lesion.VolumeMm3,
                lesion.MaxDiameterMm,
                lesion.Box.ToArray(),
                shown.Lesions is { } found ? Math.Round(found[i].PeakConfidence, 4) : null))],
            RadiomicsFeatures = new Dictionary<string, double?>(),
            Spacing = lengths.Values,
            SpacingSource = spacing.Source,
            Notes = notes,
            MeasuredAt = time.GetUtcNow(),
        });
    }

    /// <summary>Radiomics features of a mask; none of an empty one.</summary>
    /// <param name="onFile">On the volume's grid.</param>
    public static IReadOnlyDictionary<string, double?> Describe(
        ImageRecord image, Volume volume, Mask onFile, CancellationToken cancellationToken)
    {
        if (onFile.IsEmpty)
        {
            return new Dictionary<string, double?>();
        }

        var spacing = SpacingChoice.For(volume.Geometry, image.Facts);
        var radiomics = RadiomicsExtractor.Extract(volume, onFile, spacing.Voxel, cancellation: cancellationToken);
        return FeatureTable.Of(radiomics, thicknessKnown: spacing.SliceThickness is not null)
            .ToDictionary(feature => feature.Name, feature => feature.Value);
    }

    /// <summary>The measurements under a new version, whose blobs nobody has written yet.</summary>
    public static MeasuredMask Named(ImageRecord image, MeasuredMask measured)
    {
        var version = Guid.NewGuid().ToString("N");
        return measured with
        {
            Version = version,
            SliceFilename = $"{image.BlobKey}_mask_{version}.png",
            VolumeFilename = $"{image.BlobKey}_maskvolume_{version}.nii.gz",
        };
    }

    public static DrawnMask Draw(MeasuredMask measured, VolumeGeometry geometry, ShownMask shown) =>
        new(measured, shown.Axes.Restore(shown.Mask), geometry, MaskPng.Encode(shown.Mask, measured.Slice));
}
