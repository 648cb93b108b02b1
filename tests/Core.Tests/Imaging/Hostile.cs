using System.Diagnostics;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>Feeds damaged files to the reader: each must yield an image or a typed refusal, cheaply.</summary>
internal static class Hostile
{
    public static readonly ImageLimits SmallLimits = new(MaxSide: 512, MaxVoxels: 1 << 16);

    // Buffers and tables, then the voxels that the limits allow.
    private const long MaxAllocation = (4 << 20) + (4 * (1 << 16) * 4);

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(2);

    /// <summary>Refuses the file, of one of the faults given if any.</summary>
    public static ImageFormatException Refused(byte[] file, params ImageFault[] faults)
    {
        ImageFormatException e = Assert.Throws<ImageFormatException>(() => ImageReader.Read(new MemoryStream(file)));
        AssertDeliberate(e);
        Assert.NotEmpty(e.Message);
        if (faults.Length > 0)
            Assert.Contains(e.Fault, faults);
        return e;
    }

    /// <returns>Whether the file was accepted.</returns>
    public static bool Survives(byte[] file, string what)
    {
        return Survives(file, what, stream =>
            Assert.True(ImageReader.Read(stream, SmallLimits).Voxels.LongLength <= SmallLimits.MaxVoxels));
    }

    /// <summary>The same for whatever else reads files: their geometry, as a mask, for a preview.</summary>
    public static void SurvivesEveryReader(byte[] file, string what)
    {
        Survives(file, what);
        Survives(file, what + ", geometry", stream => ImageReader.ReadGeometry(stream, SmallLimits));
        Survives(file, what + ", mask", stream => ImageReader.ReadMask(stream, SmallLimits));
        Survives(file, what + ", preview", stream => ImagePreview.Read(stream, SmallLimits));
    }

    private static bool Survives(byte[] file, string what, Action<Stream> read)
    {
        // A machine may pause a test for long, but not each time.
        TimeSpan shortest = TimeSpan.MaxValue;
        bool accepted = false;
        for (int attempt = 0; attempt < 3 && shortest > MaxTime; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Stopwatch watch = Stopwatch.StartNew();
            accepted = false;
            try
            {
                read(new MemoryStream(file));
                accepted = true;
            }
            catch (ImageFormatException e)
            {
                AssertDeliberate(e);
            }

            shortest = watch.Elapsed < shortest ? watch.Elapsed : shortest;
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocation + (4 * file.Length), $"{what}: {allocated} bytes allocated");
        }

        Assert.True(shortest <= MaxTime, $"{what}: took {shortest}");
        return accepted;
    }

    /// <summary>Cut at every byte, the file must be refused.</summary>
    /// <param name="tail">Bytes at the end that hold no data.</param>
    public static void RefusedAtEveryCut(byte[] file, int tail = 0)
    {
        for (int length = 0; length < file.Length - tail; length++)
            Assert.False(Survives(file[..length], $"cut to {length} of {file.Length}"), $"accepted when cut to {length} of {file.Length}");
    }

    /// <summary>Bits flipped, bytes set to extremes, stretches removed, doubled or overwritten, seeded.</summary>
    public static void SurvivesMutations(byte[] file, int count, int seed)
    {
        Random random = new(seed);
        for (int n = 0; n < count; n++)
        {
            byte[] mutant = Mutate(file, random);
            Survives(mutant, $"seed {seed}, mutation {n}");
        }
    }

    private static byte[] Mutate(byte[] file, Random random)
    {
        List<byte> bytes = [.. file];
        for (int edits = random.Next(1, 5); edits > 0 && bytes.Count > 0; edits--)
        {
            int at = random.Next(2) == 0 ? random.Next(bytes.Count) : random.Next(Math.Min(bytes.Count, 200));
            int length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    byte extreme = (byte)(random.Next(2) * 255);
                    for (int i = 0; i < length; i++)
                        bytes[at + i] = extreme;
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }

    // The reader's last net would hide a missing check: what it caught shows as an inner exception.
    private static void AssertDeliberate(ImageFormatException e) =>
        Assert.True(e.InnerException is null or InvalidDataException or EndOfStreamException, e.ToString());
}
