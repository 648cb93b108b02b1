namespace TumorFunctions.Core.Imaging;

/// <summary>Why a file was refused as an image.</summary>
public enum ImageFault
{
    /// <summary>The content is no image, or of a format or encoding that is not read.</summary>
    Unsupported,

    /// <summary>The content claims to be an image but is truncated or contradicts itself.</summary>
    Corrupt,

    /// <summary>The image is larger than the limits allow.</summary>
    TooLarge,
}

/// <summary>The file cannot be read as an image; the message names what was wrong with it.</summary>
public sealed class ImageFormatException(ImageFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public ImageFault Fault { get; } = fault;
}
