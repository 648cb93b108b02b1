namespace TumorFunctions.Core.Imaging.Tiff;

internal enum TiffCompression
{
    None = 1,
    CcittRle = 2,
    CcittFax3 = 3,
    CcittFax4 = 4,
    Lzw = 5,
    Jpeg = 7,
    AdobeDeflate = 8,
    Deflate = 32946,
    PackBits = 32773,
}

internal enum TiffPhotometric
{
    WhiteIsZero = 0,
    BlackIsZero = 1,
    Rgb = 2,
    Palette = 3,
    Cmyk = 5,
    YCbCr = 6,
    CieLab = 8,
}

internal enum TiffSampleFormat
{
    Unsigned = 1,
    Signed = 2,
    Float = 3,
}

/// <summary>The layout of one page, read off its directory and found consistent.</summary>
internal sealed class TiffPage
{
    private const int MaxStripBytes = 1 << 20;

    private static readonly Dictionary<long, string> RefusedCompressions = new()
    {
        [6] = "old-style JPEG",
        [34712] = "JPEG 2000",
        [34925] = "LZMA",
        [50000] = "Zstandard",
        [50001] = "WebP",
        [34887] = "LERC",
    };

    public TiffPage(TiffInput input, TiffDirectory directory, ImageLimits limits)
    {
        long width = directory.Integer(TiffTag.ImageWidth, 0);
        long height = directory.Integer(TiffTag.ImageLength, 0);
        limits.Check("TIFF", width, height);
        (Width, Height) = ((int)width, (int)height);

        Compression = ParseCompression(directory.Integer(TiffTag.Compression, 1));
        Photometric = ParsePhotometric(directory, Compression);
        Samples = Bounded(directory, TiffTag.SamplesPerPixel, 1, 1, 64);
        ParseSampleKind(directory);
        Predictor = Compression is TiffCompression.Lzw or TiffCompression.Deflate or TiffCompression.AdobeDeflate
            ? Bounded(directory, TiffTag.Predictor, 1, 1, 3)
            : 1;
        IsPlanar = Samples > 1 && Bounded(directory, TiffTag.PlanarConfiguration, 1, 1, 2) == 2;
        ReversedBits = Bounded(directory, TiffTag.FillOrder, 1, 1, 2) == 2;
        T4Options = (int)directory.Integer(TiffTag.T4Options, 0);
        Orientation = directory.Integer(TiffTag.Orientation, 1) is >= 1 and <= 8 and var turn ? (int)turn : Imaging.Orientation.Upright;
        ParseSubsampling(directory);
        RequireChannels();
        ParseChunks(input, directory, limits);
        DivideStrips();
        if (Photometric == TiffPhotometric.Palette)
            ColorMap = directory.Integers(TiffTag.ColorMap);
        JpegTables = Compression == TiffCompression.Jpeg ? directory.Raw(TiffTag.JpegTables) : [];
    }

    public int Width { get; }

    public int Height { get; }

    public TiffCompression Compression { get; }

    public TiffPhotometric Photometric { get; }

    /// <summary>Samples a pixel, extra ones such as alpha included.</summary>
    public int Samples { get; }

    /// <summary>Bits a sample.</summary>
    public int Bits { get; private set; }

    public TiffSampleFormat Format { get; private set; }

    /// <summary>Differencing before compression: 1 none, 2 horizontal, 3 of floating point.</summary>
    public int Predictor { get; }

    /// <summary>Whether each sample has chunks of its own.</summary>
    public bool IsPlanar { get; }

    public bool ReversedBits { get; }

    public int T4Options { get; }

    public int Orientation { get; }

    /// <summary>Y samples that share a pair of chroma samples, across and down.</summary>
    public (int X, int Y) Subsampling { get; private set; } = (1, 1);

    public long[] ColorMap { get; } = [];

    public byte[] JpegTables { get; }

    /// <summary>Size of a strip or tile in pixels; the last strip is shorter.</summary>
    public int ChunkWidth { get; private set; }

    public int ChunkHeight { get; private set; }

    public bool IsTiled { get; private set; }

    public int ChunksAcross => (Width + ChunkWidth - 1) / ChunkWidth;

    public int ChunksDown => (Height + ChunkHeight - 1) / ChunkHeight;

    /// <summary>Where chunks lie; those of the second plane follow all of the first.</summary>
    public long[] Offsets { get; private set; } = [];

    public long[] ByteCounts { get; private set; } = [];

    /// <summary>Colour samples that grey is made of.</summary>
    public int ColourSamples => Photometric switch
    {
        TiffPhotometric.Rgb => 3,
        TiffPhotometric.Cmyk => 4,
        _ => 1,
    };

    /// <summary>Samples side by side in a chunk.</summary>
    public int ChunkSamples => IsPlanar ? 1 : Samples;

    /// <summary>Bytes of a chunk's row of samples that are not subsampled.</summary>
    public long RowBytes => (((long)ChunkWidth * ChunkSamples * Bits) + 7) / 8;

    public int RowsOfChunk(int down) => IsTiled ? ChunkHeight : Math.Min(ChunkHeight, Height - (down * ChunkHeight));

    private static int Bounded(TiffDirectory directory, int tag, int absent, int least, int most)
    {
        long value = directory.Integer(tag, absent);
        return value >= least && value <= most
            ? (int)value
            : throw Refusal.Unsupported($"Field {tag} of the TIFF has the value {value}; {least} to {most} are read.");
    }

    private static TiffCompression ParseCompression(long value)
    {
        if (RefusedCompressions.TryGetValue(value, out string? name))
            throw Refusal.Unsupported($"The TIFF is compressed as {name}; {ReadCompressions} are read.");
        return Enum.IsDefined((TiffCompression)value)
            ? (TiffCompression)value
            : throw Refusal.Unsupported($"The TIFF has compression {value}; {ReadCompressions} are read.");
    }

    private const string ReadCompressions = "none, LZW, deflate, PackBits, JPEG and CCITT";

    private static TiffPhotometric ParsePhotometric(TiffDirectory directory, TiffCompression compression)
    {
        bool isFax = compression is TiffCompression.CcittRle or TiffCompression.CcittFax3 or TiffCompression.CcittFax4;
        long value = directory.Integer(TiffTag.Photometric, isFax ? (long)TiffPhotometric.WhiteIsZero : (long)TiffPhotometric.BlackIsZero);
        return value is 9 or 10 ? TiffPhotometric.CieLab
            : Enum.IsDefined((TiffPhotometric)value) ? (TiffPhotometric)value
            : throw Refusal.Unsupported($"The TIFF has photometric interpretation {value}; grey, RGB, palette, CMYK, YCbCr and CIELab are read.");
    }

    private void ParseSampleKind(TiffDirectory directory)
    {
        long[] bits = directory.Has(TiffTag.BitsPerSample) ? directory.Integers(TiffTag.BitsPerSample) : [1];
        if (Array.Exists(bits, b => b != bits[0]))
            throw Refusal.Unsupported("The TIFF has samples of different widths.");

        long format = directory.Integer(TiffTag.SampleFormat, 1);
        Format = format switch
        {
            1 or 4 => TiffSampleFormat.Unsigned,
            2 => TiffSampleFormat.Signed,
            3 => TiffSampleFormat.Float,
            _ => throw Refusal.Unsupported($"The TIFF has sample format {format}; integers and floats are read."),
        };
        bool known = Format switch
        {
            TiffSampleFormat.Float => bits[0] is 16 or 32 or 64,
            TiffSampleFormat.Signed => bits[0] is 8 or 16 or 32 or 64,
            _ => bits[0] is >= 1 and <= 16 or 32 or 64,
        };
        Bits = known
            ? (int)bits[0]
            : throw Refusal.Unsupported($"The TIFF has {Format} samples of {bits[0]} bits, which are not read.");
    }

    // A writer may put a whole page into one strip; uncompressed, any of its rows can be read by themselves.
    private void DivideStrips()
    {
        if (Compression != TiffCompression.None || IsTiled || IsPlanar || Subsampling != (1, 1) || RowBytes == 0)
            return;

        int rows = (int)Math.Clamp(MaxStripBytes / RowBytes, 1, ChunkHeight);
        while (ChunkHeight % rows != 0)
            rows--;
        if (rows == ChunkHeight)
            return;

        int parts = ChunkHeight / rows;
        long step = rows * RowBytes;
        (long[] offsets, long[] counts) = (Offsets, ByteCounts);
        int chunks = (Height + rows - 1) / rows;
        Offsets = new long[chunks];
        ByteCounts = new long[chunks];
        for (int i = 0; i < chunks; i++)
        {
            long start = i % parts * step;
            Offsets[i] = offsets[i / parts] + start;
            ByteCounts[i] = Math.Clamp(counts[i / parts] - start, 0, step);
        }

        ChunkHeight = rows;
    }

    private void ParseSubsampling(TiffDirectory directory)
    {
        if (Photometric != TiffPhotometric.YCbCr || Compression == TiffCompression.Jpeg)
            return;

        long[] factors = directory.Has(TiffTag.YCbCrSubsampling) ? directory.Integers(TiffTag.YCbCrSubsampling) : [2, 2];
        if (factors.Length != 2 || factors[0] is not (1 or 2 or 4) || factors[1] is not (1 or 2 or 4))
            throw Refusal.Corrupt("The TIFF states an impossible chroma subsampling.");
        Subsampling = ((int)factors[0], (int)factors[1]);
    }

    private void RequireChannels()
    {
        int needed = Photometric is TiffPhotometric.YCbCr or TiffPhotometric.CieLab ? 3 : ColourSamples;
        if (Samples < needed)
            throw Refusal.Corrupt($"The TIFF has {Samples} samples a pixel; its colours ({Photometric}) need {needed}.");

        if (Photometric is not (TiffPhotometric.WhiteIsZero or TiffPhotometric.BlackIsZero or TiffPhotometric.Rgb)
            && Format != TiffSampleFormat.Unsigned)
        {
            throw Refusal.Unsupported($"The TIFF has {Photometric} colours in {Format} samples.");
        }

        bool isFax = Compression is TiffCompression.CcittRle or TiffCompression.CcittFax3 or TiffCompression.CcittFax4;
        bool fits = Photometric switch
        {
            _ when isFax => Bits == 1 && Samples == 1,
            _ when Compression == TiffCompression.Jpeg => Bits == 8 || (Bits == 12 && !IsPlanar),
            TiffPhotometric.Palette => Bits <= 16,
            TiffPhotometric.YCbCr or TiffPhotometric.CieLab => Bits == 8 && !(IsPlanar && Subsampling != (1, 1)),
            _ => !IsPlanar || ColourSamples == 1 || Bits % 8 == 0,
        };
        if (!fits)
            throw Refusal.Unsupported($"The TIFF has {Photometric} colours in samples of {Bits} bits compressed as {Compression}, which are not read.");

        bool predictable = Predictor switch
        {
            2 => Bits is 8 or 16 or 32 or 64 && Format != TiffSampleFormat.Float && Subsampling == (1, 1),
            3 => Format == TiffSampleFormat.Float,
            _ => true,
        };
        if (!predictable)
            throw Refusal.Unsupported($"The TIFF has predictor {Predictor} on {Format} samples of {Bits} bits, which is not read.");
    }

    private void ParseChunks(TiffInput input, TiffDirectory directory, ImageLimits limits)
    {
        IsTiled = directory.Has(TiffTag.TileWidth);
        if (IsTiled)
        {
            long tileWidth = directory.Integer(TiffTag.TileWidth, 0);
            long tileHeight = directory.Integer(TiffTag.TileLength, 0);
            limits.Check("TIFF's tile", tileWidth, tileHeight);
            (ChunkWidth, ChunkHeight) = ((int)tileWidth, (int)tileHeight);
        }
        else
        {
            long rows = directory.Integer(TiffTag.RowsPerStrip, Height);
            (ChunkWidth, ChunkHeight) = (Width, (int)Math.Clamp(rows, 1, Height));
        }

        // Writers of old called the offsets of tiles strips.
        Offsets = directory.Integers(IsTiled && directory.Has(TiffTag.TileOffsets) ? TiffTag.TileOffsets : TiffTag.StripOffsets);
        ByteCounts = directory.Integers(IsTiled && directory.Has(TiffTag.TileByteCounts) ? TiffTag.TileByteCounts : TiffTag.StripByteCounts);
        long chunks = (long)ChunksAcross * ChunksDown * (IsPlanar ? Samples : 1);
        if (Offsets.Length < chunks)
            throw Refusal.Corrupt($"The TIFF needs {chunks} strips or tiles and lists {Offsets.Length}.");

        if (ByteCounts.Length < chunks)
            ByteCounts = InferByteCounts(input, chunks);
    }

    // Some writers leave the counts out where they follow from the size.
    private long[] InferByteCounts(TiffInput input, long chunks)
    {
        if (Compression != TiffCompression.None && chunks != 1)
            throw Refusal.Corrupt($"The TIFF needs {chunks} lengths of strips or tiles and lists {ByteCounts.Length}.");

        return [.. Offsets.Take((int)chunks).Select((offset, i) => Compression == TiffCompression.None
            ? RowBytes * RowsOfChunk(i / ChunksAcross % ChunksDown)
            : input.Length - input.Offset((ulong)offset))];
    }
}
