namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>The two-letter value representations of PS3.5, 6.2.</summary>
internal static class ValueRepresentation
{
    private static readonly HashSet<ushort> Known = Codes(
        "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV");

    // PS3.5, 7.1.2: these have two reserved bytes and a length of 32 bits.
    private static readonly HashSet<ushort> LongLength = Codes("OB OD OF OL OV OW SQ SV UC UN UR UT UV");

    public static bool IsKnown(byte first, byte second) => Known.Contains(Code((char)first, (char)second));

    public static bool HasLongLength(byte first, byte second) => LongLength.Contains(Code((char)first, (char)second));

    private static ushort Code(char first, char second) => (ushort)((first << 8) | second);

    private static HashSet<ushort> Codes(string names) => [.. names.Split(' ').Select(name => Code(name[0], name[1]))];
}
