using System.Buffers;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>Computes the radiomic features of a region.</summary>
public static class RadiomicsExtractor
{
    /// <summary>Below this many voxels the work of handing parts to other cores is not worth it.</summary>
    private const int ParallelVoxels = 1 << 15;

    /// <param name="volume">The image; depth 1 for a slice.</param>
    /// <param name="mask">The region on the same grid; every value but 0 is inside.</param>
    /// <param name="spacing">Spacing of the grid in mm.</param>
    /// <param name="options">Null for the defaults of PyRadiomics.</param>
    /// <returns>All features; null values with reasons where one is not defined, above all where the mask is empty.</returns>
    /// <exception cref="ArgumentException">
    /// Mask and image differ in size, the spacing is not positive, or an option is out of range.
    /// </exception>
    public static RadiomicsResult Extract(
        Volume volume, Mask mask, VoxelSpacing spacing, RadiomicsOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(mask);
        options ??= RadiomicsOptions.Default;
        options.Validate();
        if ((mask.Width, mask.Height, mask.Depth) != (volume.Width, volume.Height, volume.Depth))
        {
            throw new ArgumentException(
                $"The mask has {mask.Width}×{mask.Height}×{mask.Depth} voxels, " +
                $"the image {volume.Width}×{volume.Height}×{volume.Depth}.",
                nameof(mask));
        }

        if (!(IsLength(spacing.X) && IsLength(spacing.Y) && IsLength(spacing.Z)))
        {
            throw new ArgumentException($"The spacing must be positive along every axis, not {spacing}.", nameof(spacing));
        }

        cancellation.ThrowIfCancellationRequested();
        var field = new VoxelField(volume.Voxels, mask.Voxels, volume.Width, volume.Height, volume.Depth, spacing);
        if (options.Resampling is { } target)
        {
            field = Resampler.Resample(field, target, cancellation);
        }

        using var region = Region.Find(field);
        var writer = new FeatureWriter(options, region);
        if (region is null)
        {
            return writer.Empty(mask.IsEmpty
                ? "The mask is empty."
                : "No voxel of the region is left after resampling.", field.Spacing);
        }

        return Extract(region, writer, options, cancellation);
    }

    private static RadiomicsResult Extract(
        Region region, FeatureWriter writer, RadiomicsOptions options, CancellationToken cancellation)
    {
        var ibsi = options.Convention == RadiomicsConvention.Ibsi;
        var parallel = region.VoxelCount >= ParallelVoxels && Environment.ProcessorCount > 1;
        var (minimum, maximum, finite) = region.Range();
        var levels = ArrayPool<ushort>.Shared.Rent(region.VoxelCount);
        LevelGrid? grid = null;
        try
        {
            const string NotFinite = "The region holds values that are not numbers (NaN or infinity).";
            var highest = 0;
            var textureReason = finite
                ? Discretizer.Assign(region.Values, minimum, maximum, options, levels, out highest)
                : NotFinite;
            grid = textureReason is null
                ? LevelGrid.Build(region, levels.AsSpan(0, region.VoxelCount), highest, options.Force2D)
                : null;

            var work = new List<Action> { () => writer.Shape = ShapeFeatures.Compute(region, options.Convention) };
            if (region.Depth == 1)
            {
                work.Add(() => writer.PlanarShape = PlanarShapeFeatures.Compute(region));
            }

            if (finite)
            {
                work.Add(() => writer.FirstOrder =
                    FirstOrderFeatures.Compute(region, minimum, maximum, grid is null ? [] : grid.Histogram, ibsi));
            }

            if (grid is not null)
            {
                work.Add(() => writer.SizeZone = SizeZoneFeatures.Compute(grid));
                work.Add(() => (writer.Cooccurrence, writer.RunLength) =
                    DirectionalFeatures.Compute(grid, options.Aggregation, parallel, cancellation));
                work.Add(() =>
                {
                    var scan = NeighbourhoodScan.Run(grid, parallel, cancellation);
                    writer.Dependence = DependenceFeatures.Compute(scan);
                    writer.ToneDifference = ToneDifferenceFeatures.Compute(scan, grid.Histogram, ibsi);
                });
            }

            Run(work, parallel, cancellation);
            return writer.Write(region, grid, finite ? null : NotFinite, textureReason);
        }
        finally
        {
            grid?.Dispose();
            ArrayPool<ushort>.Shared.Return(levels);
        }
    }

    private static void Run(List<Action> work, bool parallel, CancellationToken cancellation)
    {
        if (parallel)
        {
            Parallel.Invoke(new ParallelOptions { CancellationToken = cancellation }, [.. work]);
            return;
        }

        foreach (var part in work)
        {
            cancellation.ThrowIfCancellationRequested();
            part();
        }
    }

    private static bool IsLength(double mm) => double.IsFinite(mm) && mm > 0;
}
