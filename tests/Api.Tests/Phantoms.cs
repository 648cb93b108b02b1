using System.Globalization;
using System.IO.Compression;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Tests.Imaging;

namespace TumorFunctions.Api.Tests;

/// <summary>Volumes whose tumours are known by construction.</summary>
public static class Phantoms
{
    public const int Side = 32;
    public const int Depth = 10;

    /// <summary>Voxels of 2 × 2 × 3 mm; too deep for its width to be cut across.</summary>
    public static readonly double[] Spacing = [2, 2, 3.5];

    /// <summary>Whether a voxel of the array is tumour: a ball over several slices, and where asked for a spot on one.</summary>
    public static bool IsTumour(int x, int y, int z, bool spot = false) =>
        Math.Pow((x - 10) * 2, 2) + Math.Pow((y - 20) * 2, 2) + Math.Pow((z - 4) * 3.5, 2) < 81
        || (spot && x is >= 24 and < 28 && y is >= 5 and < 8 && z == 8);

    public static byte[] Values(Func<int, int, int, bool> inside, byte background = 40, byte tumour = 200) =>
        [.. Enumerable.Range(0, Side * Side * Depth).Select(i =>
            inside(i % Side, i / Side % Side, i / (Side * Side)) ? tumour : background)];

    /// <summary>Array axes towards right, anterior, superior: shown, x and y are turned round.</summary>
    public static byte[] Nifti(byte[] values, double[]? origin = null, bool flippedX = false, bool placed = true)
    {
        var sign = flippedX ? -1 : 1;
        var at = origin ?? [-30, -40, -20];
        return new NiftiBuilder
        {
            Size = [Side, Side, Depth],
            Values = [.. values.Select(value => (double)value)],
            DataType = 2,
            PixDim = [1, .. Spacing, 0, 0, 0, 0],
            CalMin = 0,
            CalMax = 255,
            SformCode = placed ? 1 : 0,
            Affine = [sign * Spacing[0], 0, 0, at[0], 0, Spacing[1], 0, at[1], 0, 0, Spacing[2], at[2]],
        }.Build();
    }

    /// <summary>The same values in the other order along x, in the same place of the patient.</summary>
    public static byte[] NiftiMirrored(byte[] values)
    {
        var mirrored = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            mirrored[i - (i % Side) + Side - 1 - (i % Side)] = values[i];
        }

        return Nifti(mirrored, [-30 + ((Side - 1) * Spacing[0]), -40, -20], flippedX: true);
    }

    public static byte[] Zip(byte[] values)
    {
        using var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var z = 0; z < Depth; z++)
            {
                using var entry = archive.CreateEntry($"{Depth - z}.dcm").Open();
                entry.Write(Dicom(values[(z * Side * Side)..((z + 1) * Side * Side)], z));
            }
        }

        return zip.ToArray();
    }

    public static byte[] Dicom(byte[] values, int z) => DicomBuilder.Grey(Side, Side, [.. values.Select(value => (int)value)])
        .Text(0x00080018, "UI", $"1.2.826.0.1.77.{z + 1}")
        .Text(0x00080020, "DA", "20250102")
        .Text(0x00080060, "CS", "MR")
        .Text(0x00100010, "PN", "Zhang^San=张^三")
        .Text(0x00100020, "LO", "P42")
        .Text(0x00100030, "DA", "19800203")
        .Text(0x00100040, "CS", "F")
        .Text(0x0020000D, "UI", "1.2.826.0.1.7")
        .Text(0x0020000E, "UI", "1.2.826.0.1.8")
        .Text(0x00200052, "UI", "1.2.826.0.1.9")
        .Text(0x00200013, "IS", $"{z + 1}")
        .Text(0x00200032, "DS", string.Create(CultureInfo.InvariantCulture, $"-31\\-40\\{(z * 3.5) - 12}"))
        .Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
        .Text(0x00280030, "DS", "2\\2")
        .Text(0x00180050, "DS", "3")
        .Text(0x00281050, "DS", "128")
        .Text(0x00281051, "DS", "256")
        .Build();

    /// <summary>A PNG of 255 where inside.</summary>
    public static byte[] Png(int width, int height, Func<int, int, bool> inside)
    {
        using var png = new MemoryStream();
        PngWriter.Write(png, [.. Enumerable.Range(0, width * height).Select(i => inside(i % width, i / width) ? byte.MaxValue : (byte)0)], width, height);
        return png.ToArray();
    }
}
