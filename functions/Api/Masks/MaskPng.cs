using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Masks;

/// <summary>One slice of a mask as a grey PNG: 255 inside, 0 outside.</summary>
public static class MaskPng
{
    public static byte[] Encode(Mask mask, int z)
    {
        var slice = mask.Slice(z);
        var grey = new byte[slice.Length];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = slice[i] == 0 ? (byte)0 : byte.MaxValue;
        }

        using var png = new MemoryStream();
        PngWriter.Write(png, grey, mask.Width, mask.Height);
        return png.ToArray();
    }
}
