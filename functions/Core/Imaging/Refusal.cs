namespace TumorFunctions.Core.Imaging;

/// <summary>Shorthands for the exception that every reader refuses a file with.</summary>
internal static class Refusal
{
    public static ImageFormatException Unsupported(string message) => new(ImageFault.Unsupported, message);

    public static ImageFormatException Corrupt(string message, Exception? inner = null) =>
        new(ImageFault.Corrupt, message, inner);

    public static ImageFormatException TooLarge(string message, Exception? inner = null) =>
        new(ImageFault.TooLarge, message, inner);

    public static ImageFormatException Truncated(string what) => Corrupt($"{what} is truncated.");
}
