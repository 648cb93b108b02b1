using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TumorFunctions.Core.Imaging.Nifti;

namespace TumorFunctions.Core.Imaging;

/// <summary>Writes masks as single-file NIfTI-1 (nifti1.h of the NIfTI DFWG).</summary>
public static class NiftiWriter
{
    private const int VoxOffset = NiftiSignature.Nifti1HeaderLength + 4;
    private const short UInt8 = 2;
    private const short LabelIntent = 1002;
    private const short ScannerFrame = 1;
    private const byte Millimetres = 2;
    private const double RightAngle = 1e-3;

    /// <summary>
    /// A gzipped mask of bytes with the affine matrix of the grid (sform; qform too where the axes are at right angles). A grid without
    /// an orientation gets neither, one without a spacing counts as 1 mm.
    /// </summary>
    /// <param name="destination">Left open.</param>
    /// <exception cref="ArgumentException">Mask and grid differ in size, or a side exceeds what NIfTI-1 can state.</exception>
    public static void Write(Stream destination, Mask mask, VolumeGeometry geometry)
    {
        if ((mask.Width, mask.Height, mask.Depth) != (geometry.Width, geometry.Height, geometry.Depth))
            throw new ArgumentException($"A mask of {mask.Width}×{mask.Height}×{mask.Depth} does not lie on a grid of {geometry.Width}×{geometry.Height}×{geometry.Depth}.", nameof(mask));
        if (Math.Max(mask.Width, Math.Max(mask.Height, mask.Depth)) > short.MaxValue)
            throw new ArgumentException($"A NIfTI-1 file has at most {short.MaxValue} voxels along an axis.", nameof(mask));

        using GZipStream gzip = new(destination, CompressionLevel.Fastest, leaveOpen: true);
        gzip.Write(Header(geometry));
        gzip.Write(mask.Voxels);
    }

    private static byte[] Header(VolumeGeometry geometry)
    {
        byte[] header = new byte[VoxOffset];
        void Short(int at, short value) => BinaryPrimitives.WriteInt16LittleEndian(header.AsSpan(at), value);
        void Single(int at, double value) => BinaryPrimitives.WriteSingleLittleEndian(header.AsSpan(at), (float)value);

        VoxelSpacing spacing = geometry.Spacing ?? new VoxelSpacing(1, 1, 1);
        BinaryPrimitives.WriteInt32LittleEndian(header, NiftiSignature.Nifti1HeaderLength);
        short[] dim = [3, (short)geometry.Width, (short)geometry.Height, (short)geometry.Depth, 1, 1, 1, 1];
        for (int i = 0; i < dim.Length; i++)
            Short(40 + (2 * i), dim[i]);
        Short(68, LabelIntent);
        Short(70, UInt8);
        Short(72, 8);
        Single(76, 1);
        Single(80, spacing.X);
        Single(84, spacing.Y);
        Single(88, spacing.Z);
        Single(108, VoxOffset);
        Single(112, 1);
        header[123] = Millimetres;
        Single(124, 1);
        Encoding.ASCII.GetBytes("tumour mask: 1 inside, 0 outside", header.AsSpan(148, 80));
        if (geometry.Orientation is { } orientation)
        {
            double[] lengths = [spacing.X, spacing.Y, spacing.Z];
            double[][] columns = [Ras(orientation.Row), Ras(orientation.Column), Ras(orientation.Normal)];
            double[] offset = Ras(orientation.Origin);
            Short(254, ScannerFrame);
            for (int row = 0; row < 3; row++)
            {
                for (int c = 0; c < 3; c++)
                    Single(280 + (16 * row) + (4 * c), columns[c][row] * lengths[c]);
                Single(280 + (16 * row) + 12, offset[row]);
            }

            if (Quaternion(columns) is { } q)
            {
                Short(252, ScannerFrame);
                Single(76, q.Factor);
                Single(256, q.B);
                Single(260, q.C);
                Single(264, q.D);
                for (int c = 0; c < 3; c++)
                    Single(268 + (4 * c), offset[c]);
            }
        }

        "n+1"u8.CopyTo(header.AsSpan(344));
        return header;
    }

    // NIfTI counts towards right, anterior, superior; DICOM towards left, posterior, superior.
    private static double[] Ras(double[] lps) => [-lps[0], -lps[1], lps[2]];

    // nifti1_mat44_to_quatern; the third axis is turned round where the frame is left-handed (qfac −1).
    private static (double Factor, double B, double C, double D)? Quaternion(double[][] columns)
    {
        if (Math.Abs(Dot(columns[0], columns[1])) > RightAngle
            || Math.Abs(Dot(columns[0], columns[2])) > RightAngle
            || Math.Abs(Dot(columns[1], columns[2])) > RightAngle)
        {
            return null;
        }

        (double[] x, double[] y, double[] z) = (columns[0], columns[1], columns[2]);
        double[] cross = [(x[1] * y[2]) - (x[2] * y[1]), (x[2] * y[0]) - (x[0] * y[2]), (x[0] * y[1]) - (x[1] * y[0])];
        double factor = Dot(cross, z) < 0 ? -1 : 1;
        z = [z[0] * factor, z[1] * factor, z[2] * factor];
        double a = 1 + x[0] + y[1] + z[2];
        if (a > 0.5)
        {
            a = Math.Sqrt(a) / 2;
            return (factor, (y[2] - z[1]) / (4 * a), (z[0] - x[2]) / (4 * a), (x[1] - y[0]) / (4 * a));
        }

        double xd = 1 + x[0] - (y[1] + z[2]);
        double yd = 1 + y[1] - (x[0] + z[2]);
        double zd = 1 + z[2] - (x[0] + y[1]);
        double b;
        double c;
        double d;
        if (xd > 1)
        {
            b = Math.Sqrt(xd) / 2;
            (c, d, a) = ((x[1] + y[0]) / (4 * b), (x[2] + z[0]) / (4 * b), (y[2] - z[1]) / (4 * b));
        }
        else if (yd > 1)
        {
            c = Math.Sqrt(yd) / 2;
            (b, d, a) = ((x[1] + y[0]) / (4 * c), (y[2] + z[1]) / (4 * c), (z[0] - x[2]) / (4 * c));
        }
        else
        {
            d = Math.Sqrt(zd) / 2;
            (b, c, a) = ((x[2] + z[0]) / (4 * d), (y[2] + z[1]) / (4 * d), (x[1] - y[0]) / (4 * d));
        }

        return a < 0 ? (factor, -b, -c, -d) : (factor, b, c, d);
    }

    private static double Dot(double[] a, double[] b) => (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);
}
