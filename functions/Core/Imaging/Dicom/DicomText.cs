using System.Text;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Decodes text in the character sets of PS3.3, C.12.1.1.2, and names of persons (PS3.5, 6.2.1).</summary>
internal static class DicomText
{
    private const int Gb18030 = 54936;
    private const byte Escape = 0x1B;

    // Code pages by defined term, with and without code extensions.
    private static readonly Dictionary<string, int> CodePages = new()
    {
        ["ISO_IR 100"] = 28591,
        ["ISO_IR 101"] = 28592,
        ["ISO_IR 109"] = 28593,
        ["ISO_IR 110"] = 28594,
        ["ISO_IR 144"] = 28595,
        ["ISO_IR 127"] = 28596,
        ["ISO_IR 126"] = 28597,
        ["ISO_IR 138"] = 28598,
        ["ISO_IR 148"] = 28599,
        ["ISO_IR 203"] = 28605,
        ["ISO_IR 166"] = 874,
        ["ISO_IR 13"] = 932,
        ["ISO_IR 192"] = 65001,
        ["ISO_IR 58"] = Gb18030,
        ["ISO_IR 149"] = 51949,
        ["ISO_IR 87"] = 50220,
        ["ISO_IR 159"] = 50220,
        ["GB18030"] = Gb18030,
        ["GBK"] = Gb18030,
    };

    /// <summary>A text element; null where it is absent or empty.</summary>
    public static string? Decode(DicomDataSet dataSet, uint tag)
    {
        byte[] bytes = dataSet.Bytes(tag);
        if (bytes.Length == 0)
            return null;

        string text = Decode(bytes, dataSet.Texts(DicomTag.SpecificCharacterSet));
        text = text.Split('\0')[0].Trim();
        return text.Length > 0 ? text : null;
    }

    /// <summary>
    /// A person's name as it is read aloud: the ideographic form where there is one, its parts joined, else the alphabetic
    /// one, its parts apart by spaces.
    /// </summary>
    public static string? DecodeName(DicomDataSet dataSet, uint tag)
    {
        string[] groups = (Decode(dataSet, tag) ?? "").Split('=');
        string? best = groups.Length > 1 ? Join(groups[1]) : null;
        return best ?? groups.Select(Join).FirstOrDefault(name => name is not null);
    }

    private static string? Join(string group)
    {
        string[] parts = group.Split('^', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string name = string.Join(Array.Exists(parts, IsIdeographic) ? "" : " ", parts);
        return name.Length > 0 ? name : null;
    }

    private static bool IsIdeographic(string text) => text.Any(c => c is (>= '\u3400' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF'));

    private static string Decode(byte[] bytes, string[] terms)
    {
        if (Ascii.IsValid(bytes) && Array.IndexOf(bytes, Escape) < 0)
            return Encoding.ASCII.GetString(bytes);

        // With code extensions the last set named is the one that bytes above 127 are of.
        string term = terms.LastOrDefault(t => t.Length > 0) ?? "";
        string plain = term.Replace("ISO 2022 IR ", "ISO_IR ", StringComparison.Ordinal);
        if (!CodePages.TryGetValue(plain, out int codePage))
            return Guess(bytes);

        // Chinese devices by habit state Latin-1 and write GBK: every run of bytes above 127 is then made of pairs.
        if (plain == "ISO_IR 100" && IsChinesePairs(bytes))
            codePage = Gb18030;

        // ISO-2022-JP decodes its own escapes; elsewhere they only announce the set that was named.
        return Get(codePage).GetString(codePage == 50220 ? bytes : WithoutEscapes(bytes));
    }

    private static Encoding Get(int codePage) =>
        CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage);

    // No set is named, though the text is beyond ASCII: UTF-8 and GB18030 betray themselves by their structure.
    private static string Guess(byte[] bytes)
    {
        foreach (int codePage in new[] { 65001, Gb18030 })
        {
            try
            {
                Encoding strict = (Encoding)Get(codePage).Clone();
                strict.DecoderFallback = DecoderFallback.ExceptionFallback;
                return strict.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
            }
        }

        return Encoding.Latin1.GetString(bytes);
    }

    // GB 2312's first, most frequent rows: lead bytes B0–D7, trail bytes A1–FE.
    private static bool IsChinesePairs(byte[] bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] < 0x80)
                continue;
            if (bytes[i] is < 0xB0 or > 0xD7 || i + 1 == bytes.Length || bytes[i + 1] is < 0xA1 or > 0xFE)
                return false;
            i++;
        }

        return true;
    }

    // An escape sequence is ESC, intermediate bytes 20–2F, and a final byte.
    private static byte[] WithoutEscapes(byte[] bytes)
    {
        List<byte> kept = [];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != Escape)
            {
                kept.Add(bytes[i]);
                continue;
            }

            do
                i++;
            while (i < bytes.Length && bytes[i] is >= 0x20 and <= 0x2F);
        }

        return [.. kept];
    }
}
