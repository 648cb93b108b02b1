using System.Globalization;
using System.Text;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Images;

/// <summary>What may be said about an upload by its name, and the names that it gets here.</summary>
public static class UploadNames
{
    private const int MaxStemLength = 80;

    private static readonly Dictionary<ImageFormat, string[]> Extensions = new()
    {
        [ImageFormat.Png] = [".png"],
        [ImageFormat.Jpeg] = [".jpg", ".jpeg"],
        [ImageFormat.Tiff] = [".tif", ".tiff"],
        [ImageFormat.Dicom] = [".dcm", ".dicom", ".ima"],
        [ImageFormat.Nifti] = [".nii.gz", ".nii"],
        [ImageFormat.Zip] = [".zip"],
    };

    public static string MimeTypeOf(ImageFormat format, string name) => format switch
    {
        ImageFormat.Png => "image/png",
        ImageFormat.Jpeg => "image/jpeg",
        ImageFormat.Tiff => "image/tiff",
        ImageFormat.Dicom => "application/dicom",
        ImageFormat.Zip => "application/zip",
        ImageFormat.Nifti when name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) => "application/gzip",
        _ => "application/octet-stream",
    };

    /// <summary>
    /// Whether a name is at home with the content: it has the format's extension or none at all. Scanners name DICOM files by UID or
    /// number, so there a last part of digits is no extension.
    /// </summary>
    public static bool Fits(string name, ImageFormat format)
    {
        var extension = Path.GetExtension(LastSegment(name));
        return extension.Length <= 1
            || Extensions[format].Any(known => name.EndsWith(known, StringComparison.OrdinalIgnoreCase))
            || (format == ImageFormat.Dicom && extension.AsSpan(1).ContainsAnyExceptInRange('0', '9') is false);
    }

    /// <summary>The name without folders and without characters that a path, URL or header could trip over; never empty.</summary>
    public static string Clean(string name)
    {
        var last = LastSegment(name);
        var clean = new StringBuilder(last.Length);
        foreach (var rune in last.EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(rune);
            var keep = Rune.IsLetterOrDigit(rune) || category == UnicodeCategory.NonSpacingMark || rune.Value is '.' or '-' or '_';
            _ = keep ? clean.Append(rune.ToString()) : clean.Append('_');
        }

        var text = clean.ToString().Trim('.');
        if (text.Length > MaxStemLength)
        {
            var start = text.Length - MaxStemLength;
            text = text[(char.IsLowSurrogate(text[start]) ? start + 1 : start)..].Trim('.');
        }

        return text.Length == 0 ? "image" : text;
    }

    /// <summary>The name for the preview of <paramref name="filename"/>.</summary>
    public static string PreviewOf(string filename) => $"{Stem(filename)}_preview.png";

    private static string Stem(string filename)
    {
        var known = Extensions.Values.SelectMany(list => list)
            .FirstOrDefault(extension => filename.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
        return known is null ? filename : filename[..^known.Length];
    }

    private static string LastSegment(string name) => name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
}
