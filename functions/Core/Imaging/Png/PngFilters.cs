using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Imaging.Png;

/// <summary>The five row filters of the PNG specification, clause 9.</summary>
internal static class PngFilters
{
    public const byte None = 0;
    public const byte Sub = 1;
    public const byte Up = 2;
    public const byte Average = 3;
    public const byte Paeth = 4;

    /// <summary>Turns a filtered row into its samples, in place.</summary>
    /// <param name="above">The unfiltered row above; zeros above the first.</param>
    /// <param name="distance">Bytes to the pixel on the left.</param>
    public static void Undo(byte filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        switch (filter)
        {
            case None:
                break;
            case Sub:
                UndoSub(row, distance);
                break;
            case Up:
                UndoUp(row, above);
                break;
            case Average:
                UndoAverage(row, above, distance);
                break;
            case Paeth:
                UndoPaeth(row, above, distance);
                break;
            default:
                throw Refusal.Corrupt($"A row of the PNG names filter {filter}; only 0 to 4 exist.");
        }
    }

    /// <summary>Filters a row.</summary>
    /// <param name="above">The unfiltered row above; zeros above the first.</param>
    /// <param name="filtered">As long as the row.</param>
    /// <param name="distance">Bytes to the pixel on the left.</param>
    public static void Apply(
        byte filter, ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered, int distance)
    {
        switch (filter)
        {
            case None:
                row.CopyTo(filtered);
                break;
            case Sub:
                row[..distance].CopyTo(filtered);
                Subtract(row[distance..], row, filtered[distance..]);
                break;
            case Up:
                Subtract(row, above, filtered);
                break;
            case Paeth:
                Subtract(row[..distance], above, filtered);
                SubtractPaeth(row, above, filtered, distance);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(filter), filter, "This filter is not written.");
        }
    }

    /// <summary>Sum of the bytes' absolute values, taken as signed.</summary>
    public static long SumOfMagnitudes(ReadOnlySpan<byte> row)
    {
        long sum = 0;
        int i = 0;
        while (i <= row.Length - Vector128<byte>.Count)
        {
            // Each step adds at most 256 to a 16-bit lane.
            Vector128<ushort> total = default;
            for (int step = 0; step < 255 && i <= row.Length - Vector128<byte>.Count; step++, i += Vector128<byte>.Count)
            {
                Vector128<byte> v = Vector128.Create(row[i..]);
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Min(v, Vector128<byte>.Zero - v));
                total += low + high;
            }

            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(total);
            sum += Vector128.Sum(lower + upper);
        }

        for (; i < row.Length; i++)
            sum += Math.Abs((int)(sbyte)row[i]);
        return sum;
    }

    private static void Subtract(ReadOnlySpan<byte> row, ReadOnlySpan<byte> prediction, Span<byte> filtered)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) - new Vector<byte>(prediction[i..])).CopyTo(filtered[i..]);

        for (; i < row.Length; i++)
            filtered[i] = (byte)(row[i] - prediction[i]);
    }

    private static void SubtractPaeth(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> filtered, int distance)
    {
        int i = distance;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<byte> left = new(row[(i - distance)..]);
            Vector<byte> up = new(above[i..]);
            Vector<byte> corner = new(above[(i - distance)..]);
            (new Vector<byte>(row[i..]) - Predict(left, up, corner)).CopyTo(filtered[i..]);
        }

        for (; i < row.Length; i++)
            filtered[i] = (byte)(row[i] - Predict(row[i - distance], above[i], above[i - distance]));
    }

    // In 8 bits: |above + left - 2 corner| is the sum of the two distances where the corner lies between, their
    // difference where it does not; and between them it is never the least.
    private static Vector<byte> Predict(Vector<byte> left, Vector<byte> above, Vector<byte> corner)
    {
        Vector<byte> toLeft = Vector.Max(above, corner) - Vector.Min(above, corner);
        Vector<byte> toAbove = Vector.Max(left, corner) - Vector.Min(left, corner);
        Vector<byte> between = Vector.Equals(Vector.GreaterThan(above, corner), Vector.GreaterThan(corner, left));
        Vector<byte> toCorner = Vector.Max(toLeft, toAbove) - Vector.Min(toLeft, toAbove);
        toCorner = Vector.ConditionalSelect(between, toCorner, Vector<byte>.AllBitsSet);
        Vector<byte> nearer = Vector.ConditionalSelect(Vector.LessThanOrEqual(toAbove, toCorner), above, corner);
        return Vector.ConditionalSelect(
            Vector.LessThanOrEqual(toLeft, toAbove) & Vector.LessThanOrEqual(toLeft, toCorner), left, nearer);
    }

    private static void UndoSub(Span<byte> row, int distance)
    {
        if (distance == 1)
        {
            UndoSubBytes(row);
            return;
        }

        for (int i = distance; i < row.Length; i++)
            row[i] += row[i - distance];
    }

    // A running sum: within 16 bytes by doubling shifts, then the last byte carries over.
    private static void UndoSubBytes(Span<byte> row)
    {
        byte left = 0;
        int i = 0;
        for (; i <= row.Length - 16; i += 16)
        {
            Vector128<byte> v = Vector128.Create<byte>(row[i..]);
            v += Vector128.Shuffle(v, Vector128.Create((byte)255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14));
            v += Vector128.Shuffle(v, Vector128.Create((byte)255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13));
            v += Vector128.Shuffle(v, Vector128.Create((byte)255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
            v += Vector128.Shuffle(v, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, (byte)7));
            v += Vector128.Create(left);
            v.CopyTo(row[i..]);
            left = v[15];
        }

        for (; i < row.Length; i++)
            left = row[i] += left;
    }

    private static void UndoUp(Span<byte> row, ReadOnlySpan<byte> above)
    {
        int i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            (new Vector<byte>(row[i..]) + new Vector<byte>(above[i..])).CopyTo(row[i..]);

        for (; i < row.Length; i++)
            row[i] += above[i];
    }

    private static void UndoAverage(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        for (int i = 0; i < distance; i++)
            row[i] += (byte)(above[i] >> 1);

        for (int i = distance; i < row.Length; i++)
            row[i] += (byte)((row[i - distance] + above[i]) >> 1);
    }

    /// <summary>The Paeth predictor of one byte.</summary>
    private static byte Predict(int left, int above, int corner)
    {
        int toLeft = Math.Abs(above - corner);
        int toAbove = Math.Abs(left - corner);
        int toCorner = Math.Abs(left + above - (2 * corner));
        int nearer = toAbove <= toCorner ? above : corner;
        return (byte)(toLeft <= toAbove && toLeft <= toCorner ? left : nearer);
    }

    private static void UndoPaeth(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        // Each case is compiled for its own constant.
        switch (distance)
        {
            case 1:
                UndoPaethPixels(row, above, 1);
                break;
            case 2:
                UndoPaethPixels(row, above, 2);
                break;
            case 3:
                UndoPaethPixels(row, above, 3);
                break;
            case 4:
                UndoPaethPixels(row, above, 4);
                break;
            case 6:
                UndoPaethPixels(row, above, 6);
                break;
            default:
                UndoPaethPixels(row, above, 8);
                break;
        }
    }

    // The bytes of a pixel go side by side through one register, without a branch: noise defeats branch prediction.
    // With t = 3·corner − left − above, the predictor is the smaller neighbour if t ≥ the larger, the larger if
    // t ≤ the smaller, else the corner.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void UndoPaethPixels(Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        above = above[..row.Length];
        Vector128<short> left = default;
        Vector128<short> corner = default;
        for (int i = 0; i <= row.Length - distance; i += distance)
        {
            Vector128<short> up = LoadPixel(above[i..], distance);
            Vector128<short> threshold = corner + corner + corner - up - left;
            Vector128<short> smaller = Vector128.Min(left, up);
            Vector128<short> larger = Vector128.Max(left, up);
            Vector128<short> prediction = Vector128.ConditionalSelect(Vector128.GreaterThan(larger, threshold), corner, smaller);
            prediction = Vector128.ConditionalSelect(Vector128.GreaterThan(threshold, smaller), prediction, larger);

            // As bytes the sum wraps and the upper halves stay zero.
            left = (LoadPixel(row[i..], distance).AsByte() + prediction.AsByte()).AsInt16();
            corner = up;
            StorePixel(row[i..], Vector128.Narrow(left.AsUInt16(), left.AsUInt16()).AsUInt64().ToScalar(), distance);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> LoadPixel(ReadOnlySpan<byte> bytes, int distance)
    {
        ulong pixel = distance switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            3 => (uint)(BinaryPrimitives.ReadUInt16LittleEndian(bytes) | (bytes[2] << 16)),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            6 => BinaryPrimitives.ReadUInt32LittleEndian(bytes) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) << 32),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        return Vector128.WidenLower(Vector128.CreateScalar(pixel).AsByte()).AsInt16();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePixel(Span<byte> bytes, ulong pixel, int distance)
    {
        switch (distance)
        {
            case 1:
                bytes[0] = (byte)pixel;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)pixel);
                break;
            case 3:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)pixel);
                bytes[2] = (byte)(pixel >> 16);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)pixel);
                break;
            case 6:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)pixel);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)(pixel >> 32));
                break;
            default:
                BinaryPrimitives.WriteUInt64LittleEndian(bytes, pixel);
                break;
        }
    }
}
