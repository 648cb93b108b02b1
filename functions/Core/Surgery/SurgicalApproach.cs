using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Surgery;

/// <summary>A way into the head: the direction from the entry towards the tumour.</summary>
/// <param name="Direction">Unit vector in the LPS frame of DICOM (x to the patient's left, y to the back, z to the crown).</param>
public sealed record SurgicalApproach(string Id, string Name, (double X, double Y, double Z) Direction)
{
    /// <summary>A slice shows a direction only if at least this much of it lies in the slice.</summary>
    private const double MinInPlane = 0.7;

    private static readonly double Diagonal = Math.Sqrt(0.5);

    public static IReadOnlyList<SurgicalApproach> All { get; } =
    [
        new("surgical_path_001", "额部入路（自前向后）", (0, 1, 0)),
        new("surgical_path_002", "左颞部入路（自左向右）", (-1, 0, 0)),
        new("surgical_path_003", "右颞部入路（自右向左）", (1, 0, 0)),
        new("surgical_path_004", "枕部入路（自后向前）", (0, -1, 0)),
        new("surgical_path_005", "顶部入路（自上向下）", (0, 0, -1)),
        new("surgical_path_006", "左翼点入路（自左前向右后）", (-Diagonal, Diagonal, 0)),
        new("surgical_path_007", "右翼点入路（自右前向左后）", (Diagonal, Diagonal, 0)),
    ];

    public static SurgicalApproach? Find(string id) => All.FirstOrDefault(approach => approach.Id == id);

    /// <summary>
    /// The direction along the axes of a volume's voxels, a unit vector in mm; of a single slice the part within the slice. A volume
    /// that does not say how it lies is taken as axial slices from the feet up, seen from below as radiologists do: x to the patient's
    /// left, y to the back. Null where a single slice hardly shows the direction.
    /// </summary>
    public (double X, double Y, double Z)? InVoxels(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        (double x, double y, double z) = volume.Orientation is { } lies
            ? (Along(lies.Row), Along(lies.Column), Along(lies.Normal))
            : Direction;
        if (volume.Depth == 1)
            z = 0;
        double length = Math.Sqrt((x * x) + (y * y) + (z * z));
        return length >= MinInPlane ? (x / length, y / length, z / length) : null;
    }

    private double Along(double[] axis) => (Direction.X * axis[0]) + (Direction.Y * axis[1]) + (Direction.Z * axis[2]);
}
