namespace TumorFunctions.Core.Imaging;

/// <summary>Reads that end in a typed refusal instead of an EndOfStreamException.</summary>
internal static class StreamReading
{
    /// <param name="what">The thing that is cut short when the stream ends early, as the message names it.</param>
    public static void ReadWhole(this Stream stream, Span<byte> destination, string what)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw Refusal.Truncated(what);
        }
    }

    /// <summary>The bytes of <paramref name="source"/> from its current position to its end.</summary>
    public static byte[] ReadRest(this Stream source, string what)
    {
        long length = source.Length - source.Position;
        if (length > Array.MaxLength)
        {
            throw Refusal.TooLarge($"{what} of {length} bytes is larger than the {Array.MaxLength} bytes that can be read at once.");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        source.ReadWhole(bytes, what);
        return bytes;
    }
}
