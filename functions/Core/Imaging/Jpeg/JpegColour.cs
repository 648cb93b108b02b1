namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>What the components of JPEG data stand for.</summary>
internal enum JpegColour
{
    Grey,
    YCbCr,
    Rgb,
    Cmyk,
    Ycck,
}
