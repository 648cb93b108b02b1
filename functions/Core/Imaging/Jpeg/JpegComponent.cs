namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>One colour component of a frame and its decoded plane.</summary>
internal sealed class JpegComponent
{
    public required int Id { get; init; }

    /// <summary>Horizontal and vertical sampling factors.</summary>
    public required int H { get; init; }

    public required int V { get; init; }

    public required int QuantTable { get; init; }

    /// <summary>Blocks that hold samples of the image.</summary>
    public int BlocksWide { get; set; }

    public int BlocksHigh { get; set; }

    /// <summary>Samples between two rows of <see cref="Plane"/>.</summary>
    public int Stride { get; set; }

    /// <summary>Rows of <see cref="Plane"/>.</summary>
    public int Rows { get; set; }

    /// <summary>Whether its samples are wanted; else it is only parsed.</summary>
    public bool Wanted { get; set; } = true;

    /// <summary>Samples, whole blocks included; empty where they are not wanted.</summary>
    public ushort[] Plane { get; set; } = [];

    /// <summary>Coefficients of a progressive frame, 64 a block in natural order, a row of blocks being Stride / 8 blocks.</summary>
    public short[] Coefficients { get; set; } = [];

    /// <summary>Quantisation of the first scan that held the component, in natural order.</summary>
    public ushort[]? Quantization { get; set; }

    public bool IsScanned { get; set; }

    public JpegHuffmanTable? Dc { get; set; }

    public JpegHuffmanTable? Ac { get; set; }

    /// <summary>DC value of the block before.</summary>
    public int Predictor;
}
