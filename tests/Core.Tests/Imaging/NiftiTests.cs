using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class NiftiTests
{
    public static TheoryData<int, int, bool, bool> Kinds()
    {
        TheoryData<int, int, bool, bool> kinds = [];
        foreach (int type in new[] { 2, 4, 8, 16, 64, 256, 512, 768, 1024, 1280 })
        {
            foreach (int version in new[] { 1, 2 })
            {
                kinds.Add(type, version, false, type % 3 == 0);
                kinds.Add(type, version, true, type % 3 != 0);
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_type_decodes_in_both_versions_and_byte_orders(int type, int version, bool bigEndian, bool gzip)
    {
        bool isSigned = type is 4 or 8 or 16 or 64 or 256 or 1024;
        double[] values = [.. Enumerable.Range(0, 5 * 4 * 3).Select(i => (double)((i * 5 % 120) - (isSigned ? 60 : 0)))];
        foreach ((double slope, double intercept) in new[] { (1.0, 0.0), (0, 7), (2.5, -3), (double.NaN, 1) })
        {
            NiftiBuilder nifti = new()
            {
                Size = [5, 4, 3],
                Values = values,
                DataType = type,
                Version = version,
                BigEndian = bigEndian,
                Slope = slope,
                Intercept = intercept,
                PixDim = [1, 0.4883, 0.5, 2.2, 0, 0, 0, 0],
            };
            Volume volume = Read(gzip ? ImageSnifferTests.Gzip(nifti.Build()) : nifti.Build());
            Assert.Equal((5, 4, 3, ImageFormat.Nifti), (volume.Width, volume.Height, volume.Depth, volume.Format));
            Assert.Equal(new VoxelSpacing(0.4883, 0.5, 2.2), volume.Spacing);
            Assert.Null(volume.Orientation);
            Assert.Equal(values.Select(v => slope is 2.5 ? (float)((v * slope) + intercept) : (float)v), volume.Voxels);
        }
    }

    [Fact]
    public void Colours_become_luma()
    {
        byte[] file = new NiftiBuilder { Size = [2, 1, 1], Values = [], DataType = 128 }.Build();
        Assert.Equal([(0.299f * 10) + (0.587f * 20) + (0.114f * 30), 200], Read([.. file, 10, 20, 30, 200, 200, 200]).Voxels, (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void Of_several_volumes_the_first_is_read_and_that_is_said()
    {
        double[] values = [.. Enumerable.Range(0, 24).Select(i => (double)i)];
        Volume volume = Read(new NiftiBuilder { Size = [2, 3, 2, 2], Values = values }.Build());
        Assert.Equal(2, volume.Depth);
        Assert.Equal(values[..12].Select(v => (float)v), volume.Voxels);
        Assert.Contains("first of 2", Assert.Single(volume.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_of_stated_thickness_has_a_volume()
    {
        NiftiBuilder nifti = new() { Size = [2, 2, 1], Values = new double[4], PixDim = [1, 1, 1, 5, 0, 0, 0, 0] };
        Assert.Equal(5, Read(nifti.Build()).SliceThickness);
        nifti = new() { Size = [2, 2], Values = new double[4], PixDim = [1, 1, 1, 5, 0, 0, 0, 0] };
        Assert.Null(Read(nifti.Build()).SliceThickness);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1000)]
    [InlineData(2, 1)]
    [InlineData(3, 0.001)]
    public void Units_are_converted(int units, double scale)
    {
        NiftiBuilder nifti = new()
        {
            Size = [2, 2, 2],
            Values = new double[8],
            Units = units,
            PixDim = [1, 2, 3, 4, 0, 0, 0, 0],
            SformCode = 1,
            Affine = [2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 4, 30],
            Version = 2,
        };
        Volume volume = Read(nifti.Build());
        Assert.Equal(2 * scale, volume.Spacing!.Value.X, 9);
        Assert.Equal(-10 * scale, volume.Orientation!.Origin[0], 9);
        Assert.Equal(30 * scale, volume.Orientation.Origin[2], 9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Quaternion_and_matrix_agree(int qfac)
    {
        // A turn about a skew axis, by Rodrigues' formula.
        double[] n = [0.36, 0.48, 0.8];
        const double angle = 2.3;
        (double sin, double cos) = Math.SinCos(angle);
        double[] size = [1.5, 2, 3 * qfac];
        double[] affine = new double[12];
        for (int r = 0; r < 3; r++)
        {
            for (int c = 0; c < 3; c++)
            {
                double cross = c == r ? 0 : (c == (r + 1) % 3 ? -1 : 1) * n[3 - r - c];
                affine[(4 * r) + c] = size[c] * (((r == c ? 1 : 0) * cos) + ((1 - cos) * n[r] * n[c]) + (sin * cross));
            }

            affine[(4 * r) + 3] = 10 * r;
        }

        double half = Math.Sin(angle / 2);
        double[] pixdim = [qfac, 1.5, 2, 3, 0, 0, 0, 0];
        Volume byMatrix = Read(new NiftiBuilder { Size = [2, 2, 2], Values = new double[8], SformCode = 2, Affine = affine, PixDim = pixdim, Version = 2 }.Build());
        Volume byQuaternion = Read(new NiftiBuilder
        {
            Size = [2, 2, 2],
            Values = new double[8],
            QformCode = 1,
            Quaternion = [n[0] * half, n[1] * half, n[2] * half, 0, 10, 20],
            PixDim = pixdim,
            Version = 2,
        }.Build());
        AssertSame(byMatrix.Orientation!, byQuaternion.Orientation!);
        Assert.Equal(byMatrix.Spacing, byQuaternion.Spacing);

        // LPS: right and anterior change sign.
        Assert.Equal(-affine[0] / 1.5, byMatrix.Orientation!.Row[0], 9);
        Assert.Equal(affine[8] / 1.5, byMatrix.Orientation.Row[2], 9);
        Assert.Equal([0.0, -10, 20], byMatrix.Orientation.Origin, (a, b) => Math.Abs(a - b) < 1e-9);
    }

    [Fact]
    public void Where_matrix_and_pixdim_differ_the_matrix_counts_and_that_is_said()
    {
        NiftiBuilder nifti = new()
        {
            Size = [2, 2, 2],
            Values = new double[8],
            SformCode = 1,
            Affine = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0],
        };
        Volume volume = Read(nifti.Build());
        Assert.Equal(new VoxelSpacing(2, 3, 4), volume.Spacing);
        Assert.Single(volume.Notes);
    }

    [Fact]
    public void The_calibrated_range_is_the_window()
    {
        NiftiBuilder nifti = new() { Size = [2, 1, 1], Values = [0, 1], CalMin = -5, CalMax = 105 };
        Assert.Equal(Greyscale.FromRange(-5, 105), Read(nifti.Build()).Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_preview_shows_the_middle_slice_with_the_front_on_top(bool gzip)
    {
        // Rows run from back to front, columns from right to left, as NIfTI's do by habit.
        double[] values = [.. Enumerable.Range(0, 2 * 2 * 3).Select(i => (double)i)];
        NiftiBuilder nifti = new()
        {
            Size = [2, 2, 3],
            Values = values,
            SformCode = 1,
            Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
            CalMin = 0,
            CalMax = 255,
        };
        ImagePreview preview = ImagePreview.Read(new MemoryStream(gzip ? ImageSnifferTests.Gzip(nifti.Build()) : nifti.Build()));
        Assert.Equal((2, 2, 3), (preview.SourceWidth, preview.SourceHeight, preview.SourceDepth));
        MemoryStream png = new();
        preview.WritePng(png);
        Assert.Equal([7, 6, 5, 4], ImageReader.Read(png).Voxels);
    }

    [Theory]
    [InlineData(32, "complex")]
    [InlineData(1, "single bits")]
    [InlineData(1234, "1234")]
    public void Types_that_are_not_read_are_named(int type, string name) => Assert.Contains(
        name,
        Hostile.Refused(new NiftiBuilder { Size = [1, 1, 1], Values = [1], DataType = type }.Build(), ImageFault.Unsupported).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Headers_without_voxels_are_refused_by_name()
    {
        NiftiBuilder pair = new() { Size = [2, 2, 2], Values = [], Magic = "ni" };
        Assert.Contains(".img", Hostile.Refused(pair.Build(), ImageFault.Unsupported).Message, StringComparison.Ordinal);
        NiftiBuilder analyze = new() { Size = [2, 2, 2], Values = [], Magic = "\0\0" };
        Assert.Contains("Analyze", Hostile.Refused(analyze.Build(), ImageFault.Unsupported).Message, StringComparison.Ordinal);
        NiftiBuilder cifti = new() { Size = [1, 1, 1, 1, 5, 6], Values = new double[30], Intent = 3006, Version = 2 };
        Assert.Contains("CIFTI", Hostile.Refused(cifti.Build(), ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bombs_are_refused_before_they_are_allocated()
    {
        foreach ((long[] size, ImageFault fault) in new (long[], ImageFault)[]
        {
            ([60_000, 60_000, 1], ImageFault.TooLarge),
            ([16_000, 16_000, 100], ImageFault.TooLarge),
            ([16_000, 16_000, 1], ImageFault.Corrupt),
            ([long.MaxValue, 2, 2], ImageFault.TooLarge),
            ([2, 2, long.MaxValue], ImageFault.TooLarge),
            ([0, 2, 2], ImageFault.Corrupt),
            ([2, -2, 2], ImageFault.Corrupt),
        })
        {
            byte[] file = new NiftiBuilder { Size = size, Values = [1, 2, 3], Version = 2 }.Build();
            foreach (byte[] form in new[] { file, ImageSnifferTests.Gzip(file) })
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Hostile.Refused(form, fault);
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 500_000);
            }
        }

        foreach (double offset in new[] { double.NaN, 1e30, double.PositiveInfinity })
            Hostile.Survives(new NiftiBuilder { Size = [1, 1, 1], Values = [1], VoxOffset = offset }.Build(), $"offset {offset}");
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void Cut_anywhere_it_is_refused(int version, bool gzip)
    {
        byte[] file = new NiftiBuilder { Size = [3, 2, 2], Values = new double[12], Version = version }.Build();
        // A gzip stream ends in a mark, a checksum and a length: without them its data is still whole.
        if (gzip)
            Hostile.RefusedAtEveryCut(ImageSnifferTests.Gzip(file), tail: 10);
        else
            Hostile.RefusedAtEveryCut(file);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Mutations_never_break_the_reader(int type, int version, bool bigEndian, bool gzip)
    {
        NiftiBuilder nifti = new()
        {
            Size = [6, 5, 4],
            Values = [.. Enumerable.Range(0, 120).Select(i => (double)i)],
            DataType = type,
            Version = version,
            BigEndian = bigEndian,
            SformCode = type % 2,
            QformCode = 1,
            Affine = [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0],
        };
        Hostile.SurvivesMutations(gzip ? ImageSnifferTests.Gzip(nifti.Build()) : nifti.Build(), 60, type);
    }

    private static Volume Read(byte[] file) => ImageReader.Read(new MemoryStream(file));

    private static void AssertSame(VolumeOrientation a, VolumeOrientation b)
    {
        foreach ((double[] x, double[] y) in new[] { (a.Origin, b.Origin), (a.Row, b.Row), (a.Column, b.Column), (a.Normal, b.Normal) })
            Assert.Equal(x, y, (p, q) => Math.Abs(p - q) < 1e-9);
    }
}
