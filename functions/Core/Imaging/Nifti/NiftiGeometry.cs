namespace TumorFunctions.Core.Imaging.Nifti;

/// <summary>
/// Spacing and orientation of a NIfTI header: method 3 (sform) before method 2 (qform) before none, as the format's
/// reference puts them. NIfTI counts towards right, anterior, superior; results are in the LPS frame of DICOM.
/// </summary>
internal static class NiftiGeometry
{
    // Beyond this, the matrix and the stated spacing cannot both be meant.
    private const double Tolerance = 1e-3;

    public static (VoxelSpacing? Spacing, VolumeOrientation? Orientation) Of(NiftiHeader header, List<string> notes)
    {
        double scale = ToMillimetres(header.Units);
        double[] stated = [.. header.PixDim.Skip(1).Take(3).Select(d => Math.Abs(d) * scale)];
        double[]? affine = header.SformCode > 0 ? header.Affine : header.QformCode > 0 ? FromQuaternion(header) : null;
        if (affine is not null && Array.TrueForAll(affine, double.IsFinite))
        {
            double[][] columns = [.. Enumerable.Range(0, 4).Select(c => new[] { -affine[c], -affine[4 + c], affine[8 + c] })];
            double[] lengths = [.. columns.Take(3).Select(c => Length(c) * scale)];
            if (Array.TrueForAll(lengths, IsSpacing))
            {
                if (lengths.Zip(stated).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * pair.First))
                    lengths = stated;
                else
                    notes.Add("The spacing of the NIfTI's matrix was taken; the header's pixdim differs from it.");

                VolumeOrientation orientation = new(
                    [.. columns[3].Select(v => v * scale)], Unit(columns[0]), Unit(columns[1]), Unit(columns[2]));
                return (new VoxelSpacing(lengths[0], lengths[1], lengths[2]), orientation);
            }
        }

        return (Array.TrueForAll(stated, IsSpacing) ? new VoxelSpacing(stated[0], stated[1], stated[2]) : null, null);
    }

    private static bool IsSpacing(double value) => value > 0 && double.IsFinite(value);

    // xyzt_units: 1 metre, 3 micrometre; 2 is millimetre, and so is meant where nothing is said.
    private static double ToMillimetres(int units) => (units & 7) switch
    {
        1 => 1000,
        3 => 0.001,
        _ => 1,
    };

    // nifti1.h, "METHOD 2": the rotation of quaternion [a, b, c, d], its third column turned round where qfac is −1.
    private static double[] FromQuaternion(NiftiHeader header)
    {
        (double b, double c, double d) = (header.Quaternion[0], header.Quaternion[1], header.Quaternion[2]);
        double square = 1 - ((b * b) + (c * c) + (d * d));
        double a = 0;
        if (square < 1e-7)
        {
            // Rounded beyond one: a half turn, of which only the axis counts.
            double length = Math.Sqrt((b * b) + (c * c) + (d * d));
            (b, c, d) = (b / length, c / length, d / length);
        }
        else
        {
            a = Math.Sqrt(square);
        }

        double x = Math.Abs(header.PixDim[1]);
        double y = Math.Abs(header.PixDim[2]);
        double z = Math.Abs(header.PixDim[3]) * (header.PixDim[0] < 0 ? -1 : 1);
        return
        [
            ((a * a) + (b * b) - (c * c) - (d * d)) * x, 2 * ((b * c) - (a * d)) * y, 2 * ((b * d) + (a * c)) * z, header.Quaternion[3],
            2 * ((b * c) + (a * d)) * x, ((a * a) + (c * c) - (b * b) - (d * d)) * y, 2 * ((c * d) - (a * b)) * z, header.Quaternion[4],
            2 * ((b * d) - (a * c)) * x, 2 * ((c * d) + (a * b)) * y, ((a * a) + (d * d) - (c * c) - (b * b)) * z, header.Quaternion[5],
        ];
    }

    private static double Length(double[] v) => Math.Sqrt((v[0] * v[0]) + (v[1] * v[1]) + (v[2] * v[2]));

    private static double[] Unit(double[] v)
    {
        double length = Length(v);
        return [v[0] / length, v[1] / length, v[2] / length];
    }
}
