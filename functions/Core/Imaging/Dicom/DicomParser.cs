using System.IO.Compression;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Where pixel data was found, and its length; the input stands at its first byte.</summary>
/// <param name="Length">Bytes, or null where it is encapsulated.</param>
internal sealed record DicomPixelElement(uint Tag, ushort Vr, long? Length);

/// <summary>What was read of a file up to its pixel data.</summary>
/// <param name="Pixels">Null where the file has none.</param>
/// <param name="Input">For the pixel data.</param>
internal sealed record DicomHeader(
    TransferSyntax Syntax, DicomDataSet Meta, DicomDataSet DataSet, DicomPixelElement? Pixels, DicomInput Input);

/// <summary>
/// Reads DICOM data sets (PS3.5, 7) forwards and keeps the few elements that matter, with Part 10's preamble and meta
/// information (PS3.10, 7.1) or without.
/// </summary>
internal sealed class DicomParser
{
    private const uint UndefinedLength = uint.MaxValue;
    private const int Preamble = 128;
    private const int MaxDepth = 64;
    private const int MaxItems = 1 << 16;
    private const int MaxValueLength = 1 << 20;

    // No deflate stream grows by more than this factor.
    private const long MaxInflation = 1032;

    private readonly DicomInput _input;
    private readonly bool _explicitVr;
    private int _items;

    private DicomParser(DicomInput input, bool explicitVr)
    {
        _input = input;
        _explicitVr = explicitVr;
    }

    /// <summary>Reads as far as the pixel data.</summary>
    /// <param name="stream">At its start.</param>
    /// <param name="available">Bytes that a stream which cannot seek can yield at most.</param>
    public static DicomHeader Parse(Stream stream, long available)
    {
        DicomInput input = new(stream, available);
        ReadOnlySpan<byte> head = input.Peek(Preamble + 4);
        if (head.Length == Preamble + 4 && head[Preamble..].SequenceEqual("DICM"u8))
            input.Skip(Preamble + 4);

        DicomDataSet meta = ReadMeta(input);
        TransferSyntax? stated = meta.Text(DicomTag.TransferSyntaxUid) is { } uid ? TransferSyntax.Find(uid) : null;
        if (stated is { Deflated: true })
        {
            long most = input.Remaining < long.MaxValue / MaxInflation ? input.Remaining * MaxInflation : long.MaxValue;
            input = new DicomInput(new DeflateStream(input.Rest(), CompressionMode.Decompress), most);
        }

        TransferSyntax syntax = Verify(stated, input);
        input.BigEndian = syntax.BigEndian;
        DicomDataSet dataSet = new() { BigEndian = syntax.BigEndian };
        DicomPixelElement? pixels = new DicomParser(input, syntax.ExplicitVr).ReadDataSet(dataSet, long.MaxValue, 0);
        return new DicomHeader(syntax, meta, dataSet, pixels, input);
    }

    // Meta information is always explicit and little-endian.
    private static DicomDataSet ReadMeta(DicomInput input)
    {
        DicomDataSet meta = new() { BigEndian = false };
        DicomParser parser = new(input, explicitVr: true);
        while (input.Peek(6) is [2, 0, _, _, var first, var second] && ValueRepresentation.IsKnown(ValueRepresentation.Of(first, second)))
            parser.ReadElement(meta, 0);
        return meta;
    }

    // Files that state one encoding and use another are common enough: the first element tells.
    private static TransferSyntax Verify(TransferSyntax? stated, DicomInput input)
    {
        ReadOnlySpan<byte> head = input.Peek(DicomSignature.Length);
        TransferSyntax? found = DicomSignature.FindEncoding(head);
        if (stated is null || (found is not null && stated.Codec == DicomCodec.Native && !stated.Deflated))
            return found ?? stated ?? throw Refusal.Corrupt("The DICOM file states no transfer syntax and its data set is not recognised.");

        return stated;
    }

    /// <returns>The pixel data, at which reading stops; else null.</returns>
    private DicomPixelElement? ReadDataSet(DicomDataSet? dataSet, long end, int depth)
    {
        if (depth > MaxDepth)
            throw Refusal.Corrupt($"The sequences of the DICOM file are nested deeper than {MaxDepth} levels.");

        while (_input.Position < end && !(end == long.MaxValue && depth == 0 && _input.IsAtEnd))
        {
            if (PeekTag() == DicomTag.ItemEnd)
            {
                _input.Skip(8);
                return null;
            }

            if (ReadElement(dataSet, depth) is { } pixels && depth == 0)
                return pixels;
        }

        return null;
    }

    private uint PeekTag()
    {
        ReadOnlySpan<byte> bytes = _input.Peek(4);
        return bytes.Length < 4
            ? throw Refusal.Truncated("The DICOM file")
            : ((uint)_input.ToUInt16(bytes) << 16) | _input.ToUInt16(bytes[2..]);
    }

    private DicomPixelElement? ReadElement(DicomDataSet? dataSet, int depth)
    {
        uint tag = _input.ReadTag();
        (ushort vr, uint length) = ReadHead(tag);
        if (depth == 0 && DicomTag.IsPixelData(tag))
            return new DicomPixelElement(tag, vr, length == UndefinedLength ? null : length);

        bool isSequence = vr == ValueRepresentation.Sequence || DicomTag.IsWantedSequence(tag) || length == UndefinedLength;
        if (isSequence && (length == UndefinedLength || (dataSet is not null && DicomTag.IsWantedSequence(tag))))
            ReadSequence(dataSet, tag, vr, length, depth);
        else if (dataSet is not null && DicomTag.IsWantedValue(tag) && !isSequence)
            dataSet.Add(tag, vr, ReadValue(tag, length));
        else
            _input.Skip(length);
        return null;
    }

    private (ushort Vr, uint Length) ReadHead(uint tag)
    {
        if (!_explicitVr || tag >> 16 == 0xFFFE)
            return (ValueRepresentation.None, _input.ReadUInt32());

        Span<byte> letters = stackalloc byte[2];
        _input.Read(letters);
        ushort vr = ValueRepresentation.Of(letters[0], letters[1]);
        if (!ValueRepresentation.IsKnown(vr))
            throw Refusal.Corrupt($"Element {DicomTag.Print(tag)} of the DICOM file has no known value representation.");

        ushort shortLength = _input.ReadUInt16();
        return (vr, ValueRepresentation.HasLongLength(vr) ? _input.ReadUInt32() : shortLength);
    }

    private byte[] ReadValue(uint tag, uint length)
    {
        if (length > MaxValueLength)
            throw Refusal.Corrupt($"Element {DicomTag.Print(tag)} of the DICOM file states a length of {length} bytes.");
        if (length > _input.Remaining)
            throw Refusal.Truncated("The DICOM file");

        byte[] value = new byte[length];
        _input.Read(value);
        return value;
    }

    private void ReadSequence(DicomDataSet? dataSet, uint tag, ushort vr, uint length, int depth)
    {
        // PS3.5, 6.2.2: a sequence of unknown representation is implicit, whatever the data set is.
        DicomParser parser = vr == ValueRepresentation.Unknown ? new DicomParser(_input, explicitVr: false) : this;
        List<DicomDataSet>? kept = dataSet is not null && DicomTag.IsWantedSequence(tag) ? [] : null;
        long end = length == UndefinedLength ? long.MaxValue : _input.Position + length;
        while (_input.Position < end)
        {
            uint itemTag = _input.ReadTag();
            uint itemLength = _input.ReadUInt32();
            if (itemTag == DicomTag.SequenceEnd)
                break;
            if (itemTag != DicomTag.Item)
                throw Refusal.Corrupt($"Sequence {DicomTag.Print(tag)} of the DICOM file holds {DicomTag.Print(itemTag)} instead of an item.");

            if (kept is null && itemLength != UndefinedLength)
            {
                _input.Skip(itemLength);
                continue;
            }

            if (kept is not null && ++_items > MaxItems)
                throw Refusal.TooLarge($"The DICOM file describes more than {MaxItems} frames or other items.");

            DicomDataSet? item = kept is null ? null : new DicomDataSet { BigEndian = _input.BigEndian };
            parser.ReadDataSet(item, itemLength == UndefinedLength ? long.MaxValue : _input.Position + itemLength, depth + 1);
            if (item is not null)
                kept!.Add(item);
        }

        if (kept is not null)
            dataSet!.Add(tag, kept);
    }
}
