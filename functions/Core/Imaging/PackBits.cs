namespace TumorFunctions.Core.Imaging;

/// <summary>Byte run lengths: TIFF 6.0, section 9, and DICOM PS3.5, G.3.</summary>
internal static class PackBits
{
    /// <summary>Fills <paramref name="destination"/>; what the data holds beyond it is ignored.</summary>
    public static void Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        const sbyte nothing = -128;
        while (!destination.IsEmpty)
        {
            if (source.IsEmpty)
                throw Refusal.Truncated("The run-length data");

            sbyte control = (sbyte)source[0];
            source = source[1..];
            if (control == nothing)
                continue;

            int length = Math.Min(control >= 0 ? control + 1 : 1 - control, destination.Length);
            int taken = control >= 0 ? length : 1;
            if (source.Length < taken)
                throw Refusal.Truncated("The run-length data");

            if (control >= 0)
                source[..length].CopyTo(destination);
            else
                destination[..length].Fill(source[0]);
            source = source[taken..];
            destination = destination[length..];
        }
    }
}
