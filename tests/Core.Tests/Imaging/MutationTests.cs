using System.Buffers.Binary;
using System.IO.Compression;

namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>
/// 10,000 damaged files over all readers and every way of reading: an image or a typed refusal, in under two seconds and within the
/// memory that <see cref="Hostile"/> states. More files are damaged where TUMOR_MUTATION_FOLDER names a folder of them.
/// </summary>
public sealed class MutationTests
{
    private const int Total = 10_000;
    private const int RealFileMutations = 200;
    private const string FolderVariable = "TUMOR_MUTATION_FOLDER";

    private static readonly byte[][] Lengths = [.. Extremes()];

    public static TheoryData<string> Names => [.. Corpus().Keys, .. RealFiles()];

    [Theory]
    [MemberData(nameof(Names))]
    public void Damaged_files_are_read_or_refused(string name)
    {
        var corpus = Corpus();
        if (corpus.TryGetValue(name, out byte[]? file))
        {
            Assert.True(Hostile.Survives(file, name), "The file is not read before it is damaged.");
            Damage(file, (Total + corpus.Count - 1) / corpus.Count, name);
        }
        else
        {
            Damage(File.ReadAllBytes(name), RealFileMutations, name);
        }
    }

    // What is damaged is as a rule at the front; large files would only take long to copy.
    private static IEnumerable<string> RealFiles() => Environment.GetEnvironmentVariable(FolderVariable) is { } folder
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path).Length is > 0 and <= 1 << 20)
            .Order(StringComparer.Ordinal)
        : [];

    private static void Damage(byte[] file, int count, string name)
    {
        Random random = new(name.Length + file.Length);
        for (int n = 0; n < count; n++)
        {
            byte[] mutant = random.Next(3) switch
            {
                0 => BlowUp(file, random),
                1 => file[..random.Next(file.Length)],
                _ => Flip(file, random),
            };
            Hostile.SurvivesEveryReader(mutant, $"{name}, mutation {n}");
        }
    }

    // Any field can be a length or a count to some reader.
    private static byte[] BlowUp(byte[] file, Random random)
    {
        byte[] mutant = (byte[])file.Clone();
        byte[] value = Lengths[random.Next(Lengths.Length)];
        int at = random.Next(Math.Max(1, Math.Min(file.Length, random.Next(2) == 0 ? 400 : file.Length) - value.Length));
        value.AsSpan(0, Math.Min(value.Length, mutant.Length - at)).CopyTo(mutant.AsSpan(at));
        return mutant;
    }

    private static byte[] Flip(byte[] file, Random random)
    {
        byte[] mutant = (byte[])file.Clone();
        for (int flips = random.Next(1, 9); flips > 0; flips--)
        {
            int at = random.Next(random.Next(2) == 0 ? Math.Min(mutant.Length, 400) : mutant.Length);
            mutant[at] ^= (byte)(1 << random.Next(8));
        }

        return mutant;
    }

    private static IEnumerable<byte[]> Extremes()
    {
        foreach (long value in new[] { -1L, 0, 1, int.MaxValue, int.MaxValue - 8, int.MinValue, 0x7FFF, 0x8000, 0xFFFF, long.MaxValue, 1L << 40 })
        {
            byte[] little = new byte[8];
            byte[] big = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(little, value);
            BinaryPrimitives.WriteInt64BigEndian(big, value);
            yield return little[..2];
            yield return little[..4];
            yield return little;
            yield return big[6..];
            yield return big[4..];
            yield return big;
        }
    }

    private static Dictionary<string, byte[]> Corpus()
    {
        int[] plane = [.. Enumerable.Range(0, 30 * 20).Select(i => i * 37 % 4096)];
        double[] values = [.. Enumerable.Range(0, 6 * 5 * 4).Select(i => (double)i)];
        Random random = new(1);
        return new()
        {
            ["png 8"] = PngBuilder.Random(random, 31, 17, PngBuilder.Rgb, 8, interlaced: true).Build(),
            ["png 16"] = PngBuilder.Random(random, 20, 19, PngBuilder.GreyAlpha, 16, interlaced: false).Build(),
            ["png palette"] = PngBuilder.Random(random, 40, 9, PngBuilder.Palette, 4, interlaced: false).Build(),
            ["jpeg"] = GoldenJpegs.SubsampledFile,
            ["jpeg progressive"] = new JpegBuilder(3, 33, 21, (2, 2), (1, 1), (1, 1)) { Progressive = true, Restart = 2 }.Build(),
            ["jpeg 12 bit"] = new JpegBuilder(4, 24, 18, (1, 1)) { Precision = 12 }.Build(),
            ["jpeg lossless"] = new LosslessJpegBuilder { Width = 30, Height = 20, Planes = [plane], Predictor = 6, RestartRows = 4 }.Build(),
            ["tiff strips"] = Tiff(TiffBuilder.None, bigTiff: false),
            ["tiff lzw"] = Tiff(TiffBuilder.Lzw, bigTiff: false),
            ["tiff deflate"] = Tiff(TiffBuilder.Deflate, bigTiff: true),
            ["tiff packbits"] = Tiff(TiffBuilder.PackBits, bigTiff: true),
            ["dicom explicit"] = DicomBuilder.Grey(30, 20, plane).Build(),
            ["dicom implicit"] = DicomBuilder.Grey(30, 20, plane, DicomBuilder.Implicit).Build(),
            ["dicom big"] = DicomBuilder.Grey(30, 20, plane, DicomBuilder.Big).Build(),
            ["dicom deflated"] = DicomBuilder.Grey(30, 20, plane, DicomBuilder.Deflated).Build(),
            ["dicom rle"] = DicomBuilder.Grey(16, 1, [], DicomBuilder.Rle, bits: 8).Fragments(RunLengths()).Build(),
            ["dicom jpeg"] = DicomBuilder.Grey(24, 18, [], DicomBuilder.JpegBaseline, bits: 8)
                .Fragments(new JpegBuilder(5, 24, 18, (1, 1)).Build()).Build(),
            ["dicom jpeg lossless"] = DicomBuilder.Grey(30, 20, [], DicomBuilder.JpegLossless)
                .Fragments(new LosslessJpegBuilder { Width = 30, Height = 20, Planes = [plane] }.Build()).Build(),
            ["dicom jpeg-ls"] = DicomBuilder.Grey(30, 20, [], DicomBuilder.JpegLs, bits: 12)
                .Fragments(new JpegLsBuilder { Width = 30, Height = 20, Planes = [plane], Precision = 12 }.Build()).Build(),
            ["zip of a series"] = Zip(plane),
            ["nifti 1"] = new NiftiBuilder { Size = [6, 5, 4], Values = values, SformCode = 1, Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0] }.Build(),
            ["nifti 2 big"] = new NiftiBuilder { Size = [6, 5, 4], Values = values, Version = 2, BigEndian = true, DataType = 4 }.Build(),
            ["nifti gz"] = Gzip(new NiftiBuilder { Size = [6, 5, 4], Values = values, DataType = 2 }.Build()),
        };
    }

    private static byte[] Tiff(int compression, bool bigTiff) => new TiffBuilder
    {
        Width = 23,
        Height = 17,
        Pages = [.. Enumerable.Range(0, 3).Select(page => Enumerable.Range(0, 23 * 17).Select(i => (ulong)((i * 7) + page) % 60000).ToArray())],
        Bits = 16,
        Compression = compression,
        Predictor = compression is TiffBuilder.Lzw or TiffBuilder.Deflate ? 2 : 1,
        BigTiff = bigTiff,
        BigEndian = bigTiff,
        TileSide = compression == TiffBuilder.Deflate ? 16 : 0,
    }.Build();

    // One segment (PS3.5 annex G): a literal run and a repeated byte.
    private static byte[] RunLengths()
    {
        byte[] frame = new byte[64 + 12];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 1);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), 64);
        byte[] runs = [7, 1, 2, 3, 4, 5, 6, 7, 8, 249, 9, 0];
        runs.CopyTo(frame, 64);
        return frame;
    }

    private static byte[] Zip(int[] plane)
    {
        using MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int z = 0; z < 3; z++)
            {
                using Stream entry = archive.CreateEntry($"{z}.dcm").Open();
                entry.Write(DicomBuilder.Grey(30, 20, plane)
                    .Text(0x0020000E, "UI", "1.2.3")
                    .Text(0x00200032, "DS", $"0\\0\\{z * 2}")
                    .Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
                    .Build());
            }
        }

        return zip.ToArray();
    }

    private static byte[] Gzip(byte[] file)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(file);
        return compressed.ToArray();
    }
}
