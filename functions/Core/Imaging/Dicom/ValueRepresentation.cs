namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>The two-letter value representations of PS3.5, 6.2, as numbers of their two characters.</summary>
internal static class ValueRepresentation
{
    public const ushort None = 0;
    public const ushort DecimalString = ('D' << 8) | 'S';
    public const ushort IntegerString = ('I' << 8) | 'S';
    public const ushort Sequence = ('S' << 8) | 'Q';
    public const ushort Unknown = ('U' << 8) | 'N';
    public const ushort OtherWord = ('O' << 8) | 'W';

    private static readonly HashSet<ushort> Known = Codes(
        "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV");

    // PS3.5, 7.1.2: these have two reserved bytes and a length of 32 bits.
    private static readonly HashSet<ushort> LongLength = Codes("OB OD OF OL OV OW SQ SV UC UN UR UT UV");

    public static bool IsKnown(ushort code) => Known.Contains(code);

    public static bool HasLongLength(ushort code) => LongLength.Contains(code);

    public static ushort Of(byte first, byte second) => (ushort)((first << 8) | second);

    private static HashSet<ushort> Codes(string names) => [.. names.Split(' ').Select(name => Of((byte)name[0], (byte)name[1]))];
}
