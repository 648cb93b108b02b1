namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Writes names of persons (PS3.5, 6.2.1).</summary>
internal static class DicomName
{
    private const int MaxGroup = 64;

    /// <summary>
    /// A name as people write it, whole in the place of the family name: in the alphabetic group where it is of that script, else in
    /// the ideographic one.
    /// </summary>
    public static string Of(string name)
    {
        string plain = string.Concat(name.Select(c => c is '^' or '=' or '\\' || char.IsControl(c) ? ' ' : c)).Trim();
        plain = plain[..Math.Min(plain.Length, MaxGroup - 1)];
        if (plain.Length == 0)
            return "";

        return plain.Any(c => c >= '\u2E80') ? $"={plain}^" : $"{plain}^";
    }
}
