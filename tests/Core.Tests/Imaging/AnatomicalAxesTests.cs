using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class AnatomicalAxesTests
{
    public static TheoryData<int, int, int, int, int, int> Frames()
    {
        // Every way that three array axes can run along the anatomical ones.
        TheoryData<int, int, int, int, int, int> frames = [];
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        foreach (int[] order in orders)
        {
            for (int signs = 0; signs < 8; signs++)
                frames.Add(order[0], order[1], order[2], 1 - (2 * (signs & 1)), 1 - (signs & 2), 1 - ((signs & 4) / 2));
        }

        return frames;
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void A_voxel_keeps_its_place_in_the_patient(int a, int b, int c, int signA, int signB, int signC)
    {
        float[] voxels = [.. Enumerable.Range(0, 5 * 4 * 3).Select(i => (float)i)];
        Volume volume = new(voxels, 5, 4, 3)
        {
            Format = ImageFormat.Nifti,
            BitsPerSample = 16,
            Spacing = new VoxelSpacing(1, 2, 3),
            Orientation = new VolumeOrientation([7, 8, 9], Along(a, signA), Along(b, signB), Along(c, signC)),
        };
        AnatomicalAxes axes = AnatomicalAxes.Of(volume.Geometry);
        Volume axial = axes.Apply(volume);
        Assert.Equal((a, b, c, signA, signB, signC) == (0, 1, 2, 1, 1, 1), axes.IsIdentity);
        Assert.True(axial.Orientation!.Row[0] > 0.9 && axial.Orientation.Column[1] > 0.9 && axial.Orientation.Normal[2] > 0.9);
        Dictionary<float, (double, double, double)> places = Places(volume).ToDictionary(p => p.Value, p => p.Place);
        foreach ((float value, (double X, double Y, double Z) place) in Places(axial))
            Assert.Equal(places[value], place);

        for (int z = 0; z < axial.Depth; z++)
            Assert.Equal(axial.Slice(z).ToArray(), axes.Slice(volume, z));
        Mask mask = new([.. voxels.Select(v => (byte)(v % 2))], 5, 4, 3);
        Assert.Equal(axial.Voxels.Select(v => (byte)(v % 2)), axes.Apply(mask).Voxels);
        Assert.Equal(mask.Voxels, axes.Restore(axes.Apply(mask)).Voxels);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void Thick_slices_are_shown_as_acquired_and_the_right_way_up(int a, int b, int c, int signA, int signB, int signC)
    {
        VolumeGeometry thick = new(5, 4, 3)
        {
            Spacing = new VoxelSpacing(1, 1, 6),
            Orientation = new VolumeOrientation([7, 8, 9], Along(a, signA), Along(b, signB), Along(c, signC)),
        };
        AnatomicalAxes axes = AnatomicalAxes.ForViewing(thick);
        VolumeOrientation shown = axes.Apply(thick).Orientation!;
        Assert.True(axes.KeepsSlices);
        (AnatomicalPlane plane, int right, int down, int sense) = c switch
        {
            2 => (AnatomicalPlane.Axial, 0, 1, 1),
            1 => (AnatomicalPlane.Coronal, 0, 2, -1),
            _ => (AnatomicalPlane.Sagittal, 1, 2, -1),
        };
        Assert.Equal(plane, axes.Plane);
        Assert.True(shown.Row[right] > 0.9 && sense * shown.Column[down] > 0.9 && shown.Normal[c] > 0.9);

        // About as deep as wide: cut into axial slices, whatever they were acquired as.
        VolumeGeometry solid = thick with { Spacing = new VoxelSpacing(1, 1, 1.5) };
        Assert.Equal(AnatomicalPlane.Axial, AnatomicalAxes.ForViewing(solid).Plane);
        Assert.True(AnatomicalAxes.ForViewing(solid).Apply(solid).Orientation!.Normal[2] > 0.9);
        Assert.True(AnatomicalAxes.ForViewing(solid with { IsSliceDistanceAssumed = true }).KeepsSlices);
        Assert.True(AnatomicalAxes.ForViewing(solid with { Depth = 1 }).KeepsSlices);
    }

    [Fact]
    public void Without_an_orientation_nothing_changes()
    {
        Volume volume = new([1, 2], 2, 1, 1) { Format = ImageFormat.Nifti, BitsPerSample = 8 };
        Assert.Same(volume, AnatomicalAxes.Of(volume.Geometry).Apply(volume));
    }

    private static double[] Along(int axis, int sign)
    {
        // Slightly oblique, as scans are.
        double[] direction = [0.01, 0.01, 0.01];
        direction[axis] = sign;
        return direction;
    }

    private static IEnumerable<(float Value, (double, double, double) Place)> Places(Volume volume)
    {
        VolumeOrientation o = volume.Orientation!;
        VoxelSpacing s = volume.Spacing!.Value;
        for (int i = 0; i < volume.Voxels.Length; i++)
        {
            double x = i % volume.Width * s.X;
            double y = i / volume.Width % volume.Height * s.Y;
            double z = i / (volume.Width * volume.Height) * s.Z;
            double[] place = [.. Enumerable.Range(0, 3).Select(c => Math.Round(o.Origin[c] + (x * o.Row[c]) + (y * o.Column[c]) + (z * o.Normal[c]), 6))];
            yield return (volume.Voxels[i], (place[0], place[1], place[2]));
        }
    }
}
