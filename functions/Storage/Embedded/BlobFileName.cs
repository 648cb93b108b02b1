using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace TumorFunctions.Storage.Embedded;

/// <summary>
/// File names for blob names: a-z, 0-9, '.', '_' and '-' stand for themselves, every other UTF-8 byte is written %XX, so that file
/// systems which fold case or normalise Unicode cannot confuse two names. A name too long for a file is written %% and its SHA-256.
/// </summary>
internal static class BlobFileName
{
    private const int MaxLength = 200;
    private const string HashMark = "%%";
    private const string ShelfSign = "_";
    private const int ShelfLength = 2;

    private static readonly SearchValues<byte> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-"u8);

    public static string Encode(string blobName)
    {
        var escaped = Escape(blobName);
        return escaped.Length <= MaxLength
            ? escaped
            : HashMark + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(blobName)));
    }

    /// <summary>The blob name, or null where only its pointer can tell.</summary>
    public static string? Decode(string fileName)
    {
        if (fileName.StartsWith(HashMark, StringComparison.Ordinal))
            return null;

        var bytes = new byte[fileName.Length];
        var length = 0;
        for (var i = 0; i < fileName.Length; i++)
        {
            if (fileName[i] == '%')
            {
                bytes[length++] = byte.Parse(fileName.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                i += 2;
            }
            else
            {
                bytes[length++] = (byte)fileName[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>
    /// The folder of a file: its first characters, behind a sign that keeps '..' from being one. Names that begin with a random key
    /// spread evenly, and those that share a prefix stay together.
    /// </summary>
    public static string ShelfOf(string fileName) => ShelfSign + fileName[..Math.Min(ShelfLength, fileName.Length)];

    /// <summary>Whether a folder can hold a blob whose name begins so; names too long to be read off their files can be anywhere.</summary>
    public static bool MayHold(string shelf, string prefix)
    {
        var start = ShelfOf(Escape(prefix));
        return shelf == ShelfOf(HashMark)
            || shelf.StartsWith(start, StringComparison.Ordinal);
    }

    private static string Escape(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var escaped = new StringBuilder(bytes.Length);
        foreach (var value in bytes)
        {
            if (Plain.Contains(value))
                escaped.Append((char)value);
            else
                escaped.Append(CultureInfo.InvariantCulture, $"%{value:X2}");
        }

        return escaped.ToString();
    }
}
