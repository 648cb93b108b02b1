using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class NiftiWriterTests
{
    [Theory]
    [MemberData(nameof(AnatomicalAxesTests.Frames), MemberType = typeof(AnatomicalAxesTests))]
    public void A_mask_comes_back_in_its_place(int a, int b, int c, int signA, int signB, int signC)
    {
        // A turned frame at right angles, its axes in every order and sense.
        double[][] turned = [[0.8, 0.6, 0], [-0.48, 0.64, 0.6], [0.36, -0.48, 0.8]];
        VolumeGeometry geometry = new(5, 4, 3)
        {
            Spacing = new VoxelSpacing(0.5, 0.75, 3.5),
            Orientation = new VolumeOrientation([7.25, -8, 90.5], Along(turned, a, signA), Along(turned, b, signB), Along(turned, c, signC)),
        };
        Random random = new(a + (3 * b) + (9 * signA));
        Mask mask = new([.. Enumerable.Range(0, 60).Select(_ => (byte)random.Next(2))], 5, 4, 3);
        byte[] file = Write(mask, geometry);
        MaskFile read = ImageReader.ReadMask(new MemoryStream(file));
        Assert.Equal(mask.Voxels, read.Mask.Voxels);
        Assert.Equal(geometry.Spacing, read.Geometry.Spacing);
        Assert.True(geometry.DistanceTo(read.Geometry) < 1e-5);
        Assert.Empty(read.Notes);

        // The quaternion says the same as the matrix.
        byte[] unpacked = Unpack(file);
        unpacked[254] = 0;
        VolumeGeometry byQuaternion = ImageReader.ReadGeometry(new MemoryStream(unpacked));
        Assert.True(geometry.DistanceTo(byQuaternion) < 1e-4, $"{geometry.DistanceTo(byQuaternion)} mm");
    }

    [Fact]
    public void Axes_that_are_not_at_right_angles_have_a_matrix_alone()
    {
        VolumeGeometry geometry = new(2, 2, 2)
        {
            Spacing = new VoxelSpacing(1, 1, 1),
            Orientation = new VolumeOrientation([0, 0, 0], [1, 0, 0], [0, 1, 0], [0.6, 0, 0.8]),
        };
        byte[] file = Unpack(Write(Mask.Empty(2, 2, 2), geometry));
        Assert.Equal((0, 1), (file[252], file[254]));
        Assert.True(geometry.DistanceTo(ImageReader.ReadGeometry(new MemoryStream(file))) < 1e-6);
    }

    [Fact]
    public void Without_a_place_none_is_stated()
    {
        byte[] file = Write(Mask.Empty(3, 2, 1), new VolumeGeometry(3, 2, 1));
        Assert.Null(ImageReader.ReadGeometry(new MemoryStream(file)).Orientation);
        Assert.Throws<ArgumentException>(() => Write(Mask.Empty(3, 2, 1), new VolumeGeometry(2, 3, 1)));
    }

    [Theory]
    [InlineData(2, new[] { 0.0, 1, 255, 7 }, new byte[] { 0, 1, 1, 1 })]
    [InlineData(4, new[] { 0.0, -3, 0, 2 }, new byte[] { 0, 1, 0, 1 })]
    [InlineData(16, new[] { double.NaN, 0.25, -0.0, 1e-30 }, new byte[] { 0, 1, 0, 1 })]
    public void Every_label_but_nought_is_inside(int type, double[] values, byte[] expected)
    {
        byte[] file = new NiftiBuilder { Size = [2, 2, 1], Values = values, DataType = type }.Build();
        Assert.Equal(expected, ImageReader.ReadMask(new MemoryStream(file)).Mask.Voxels);
    }

    private static double[] Along(double[][] turned, int axis, int sign) => [.. turned[axis].Select(v => sign * v)];

    private static byte[] Write(Mask mask, VolumeGeometry geometry)
    {
        MemoryStream file = new();
        NiftiWriter.Write(file, mask, geometry);
        return file.ToArray();
    }

    private static byte[] Unpack(byte[] file)
    {
        using System.IO.Compression.GZipStream gzip = new(new MemoryStream(file), System.IO.Compression.CompressionMode.Decompress);
        MemoryStream plain = new();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
