using System.Buffers.Binary;

namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>Writes NIfTI-1 and NIfTI-2 files field by field.</summary>
internal sealed class NiftiBuilder
{
    public required long[] Size { get; init; }

    public required double[] Values { get; init; }

    public int DataType { get; init; } = 16;

    public int Version { get; init; } = 1;

    public bool BigEndian { get; init; }

    public double[] PixDim { get; init; } = [1, 1, 1, 1, 0, 0, 0, 0];

    public double Slope { get; init; } = 1;

    public double Intercept { get; init; }

    public int Units { get; init; } = 2;

    public double CalMin { get; init; }

    public double CalMax { get; init; }

    public int QformCode { get; init; }

    public int SformCode { get; init; }

    public double[] Quaternion { get; init; } = new double[6];

    public double[] Affine { get; init; } = new double[12];

    public int Intent { get; init; }

    public double? VoxOffset { get; init; }

    public string Magic { get; init; } = "n+";

    public byte[] Build()
    {
        int header = Version == 1 ? 348 : 540;
        byte[] file = new byte[header + 20];
        long[] dim = [Size.Length, .. Size, .. Enumerable.Repeat(1L, 7 - Size.Length)];
        Int(file, 0, 4, header);
        if (Version == 1)
        {
            Each(dim, (d, i) => Int(file, 40 + (2 * i), 2, d));
            Int(file, 68, 2, Intent);
            Int(file, 70, 2, DataType);
            Each(PixDim, (d, i) => Single(file, 76 + (4 * i), d));
            Single(file, 108, VoxOffset ?? file.Length);
            Single(file, 112, Slope);
            Single(file, 116, Intercept);
            file[123] = (byte)Units;
            Single(file, 124, CalMax);
            Single(file, 128, CalMin);
            Int(file, 252, 2, QformCode);
            Int(file, 254, 2, SformCode);
            Each(Quaternion, (d, i) => Single(file, 256 + (4 * i), d));
            Each(Affine, (d, i) => Single(file, 280 + (4 * i), d));
            Text(file, 344, Magic + "1");
        }
        else
        {
            Text(file, 4, Magic + "2\0\r\n\x1a\n");
            Int(file, 12, 2, DataType);
            Each(dim, (d, i) => Int(file, 16 + (8 * i), 8, d));
            Each(PixDim, (d, i) => Double(file, 104 + (8 * i), d));
            Int(file, 168, 8, (long)(VoxOffset ?? file.Length));
            Double(file, 176, Slope);
            Double(file, 184, Intercept);
            Double(file, 192, CalMax);
            Double(file, 200, CalMin);
            Int(file, 344, 4, QformCode);
            Int(file, 348, 4, SformCode);
            Each(Quaternion, (d, i) => Double(file, 352 + (8 * i), d));
            Each(Affine, (d, i) => Double(file, 400 + (8 * i), d));
            Int(file, 500, 4, Units);
            Int(file, 504, 4, Intent);
        }

        return [.. file, .. Values.SelectMany(Encode)];
    }

    private static void Text(byte[] file, int at, string text)
    {
        foreach (char c in text)
            file[at++] = (byte)c;
    }

    private static void Each<T>(T[] values, Action<T, int> write)
    {
        for (int i = 0; i < values.Length; i++)
            write(values[i], i);
    }

    private byte[] Encode(double value)
    {
        byte[] bytes = new byte[8];
        switch (DataType)
        {
            case 16:
                Single(bytes, 0, value);
                return bytes[..4];
            case 64:
                Double(bytes, 0, value);
                return bytes;
            default:
                int width = DataType switch { 2 or 256 => 1, 4 or 512 => 2, 8 or 768 => 4, _ => 8 };
                Int(bytes, 0, width, (long)value);
                return bytes[..width];
        }
    }

    private void Single(byte[] file, int at, double value) => Int(file, at, 4, BitConverter.SingleToInt32Bits((float)value));

    private void Double(byte[] file, int at, double value) => Int(file, at, 8, BitConverter.DoubleToInt64Bits(value));

    private void Int(byte[] file, int at, int width, long value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Span<byte> part = bytes.AsSpan(0, width);
        if (BigEndian)
            part.Reverse();
        part.CopyTo(file.AsSpan(at));
    }
}
