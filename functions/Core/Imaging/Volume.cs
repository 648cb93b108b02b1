namespace TumorFunctions.Core.Imaging;

/// <summary>Distance between voxel centres in millimetres along each axis of the voxel array.</summary>
public readonly record struct VoxelSpacing(double X, double Y, double Z)
{
    public double PixelArea => X * Y;

    public double VoxelVolume => X * Y * Z;
}

/// <summary>
/// Where a voxel lies in the patient, in the LPS frame of DICOM: position(i, j, k) = Origin + i·X·Row + j·Y·Column + k·Z·Normal,
/// with unit direction vectors of three elements and the origin in millimetres.
/// </summary>
public sealed record VolumeOrientation(double[] Origin, double[] Row, double[] Column, double[] Normal);

/// <summary>
/// Grey-level window in the terms of DICOM PS3.3 C.11.2.1.2.1 (linear): values from c − 0.5 − (w − 1)/2 to
/// c − 0.5 + (w − 1)/2 spread over black to white, where c is the center and w ≥ 1 the width.
/// </summary>
public readonly record struct DisplayWindow(double Center, double Width);

/// <summary>What a file says of the study that it came from; every field is null where the file is silent.</summary>
public sealed record StudyFacts
{
    public string? PatientId { get; init; }

    public string? PatientName { get; init; }

    /// <summary>Age in whole years.</summary>
    public int? Age { get; init; }

    /// <summary>M, F or O.</summary>
    public string? Gender { get; init; }

    /// <summary>ISO date, yyyy-MM-dd.</summary>
    public string? StudyDate { get; init; }

    public string? Modality { get; init; }

    public string? BodyPart { get; init; }

    public string? Institution { get; init; }
}

/// <summary>
/// A decoded grey image or volume in its full precision. A plain slice is a volume of depth 1.
/// </summary>
public sealed class Volume
{
    private readonly Lazy<DisplayWindow> _centralWindow;

    /// <exception cref="ArgumentException">The number of voxels is not width × height × depth.</exception>
    public Volume(float[] voxels, int width, int height, int depth)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        if (voxels.LongLength != (long)width * height * depth)
        {
            throw new ArgumentException($"{voxels.Length} voxels do not fill {width}×{height}×{depth}.", nameof(voxels));
        }

        Voxels = voxels;
        _centralWindow = new Lazy<DisplayWindow>(() => Greyscale.FindCentralWindow(voxels));
        Width = width;
        Height = height;
        Depth = depth;
    }

    /// <summary>Values in the order x fastest, then y, then z; length Width·Height·Depth. Not to be changed once the volume is shown.</summary>
    public float[] Voxels { get; }

    public int Width { get; }

    public int Height { get; }

    public int Depth { get; }

    public required ImageFormat Format { get; init; }

    /// <summary>Bits a sample had in the file.</summary>
    public required int BitsPerSample { get; init; }

    /// <summary>
    /// In-plane spacing and slice distance in mm; null where the file states none. Z of a single slice without a stated
    /// thickness is 1 and stands for nothing: see <see cref="SliceThickness"/>.
    /// </summary>
    public VoxelSpacing? Spacing { get; init; }

    /// <summary>Whether the file is silent on the distance of its slices, so that <see cref="Spacing"/>'s Z is only a stand-in of 1 mm.</summary>
    public bool IsSliceDistanceAssumed { get; init; }

    /// <summary>Thickness of a slice in mm where the file states one; without it a single slice has no volume.</summary>
    public double? SliceThickness { get; init; }

    public VolumeOrientation? Orientation { get; init; }

    /// <summary>Unit of the values (HU …); null for plain grey levels.</summary>
    public string? IntensityUnit { get; init; }

    /// <summary>Window that the file asks to be shown with; null leaves the choice to the viewer.</summary>
    public DisplayWindow? Window { get; init; }

    public StudyFacts Study { get; init; } = new();

    /// <summary>The DICOM objects that the volume was read from; null for other formats.</summary>
    public DicomSource? Source { get; init; }

    /// <summary>Anything a reader had to decide, for the user's eyes ("first of 12 volumes read").</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The grid without the values.</summary>
    public VolumeGeometry Geometry => new(Width, Height, Depth)
    {
        Spacing = Spacing,
        IsSliceDistanceAssumed = IsSliceDistanceAssumed,
        SliceThickness = SliceThickness,
        Orientation = Orientation,
        Source = Source,
    };

    /// <summary>Found once: it takes two passes over all values.</summary>
    internal DisplayWindow CentralWindow => _centralWindow.Value;

    public ReadOnlySpan<float> Slice(int z) => Voxels.AsSpan(checked(z * Width * Height), Width * Height);
}
