using System.Numerics;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Tests.Surgery;

internal static class SurfaceChecks
{
    /// <summary>Every edge has exactly two triangles, which run through it in opposite directions.</summary>
    public static void AssertClosed(int[] indices)
    {
        Assert.NotEmpty(indices);
        HashSet<(int, int)> edges = [];
        for (int i = 0; i < indices.Length; i++)
            Assert.True(edges.Add((indices[i], indices[i % 3 == 2 ? i - 2 : i + 1])), "Two triangles run the same way along an edge.");
        Assert.All(edges, edge => Assert.Contains((edge.Item2, edge.Item1), edges));
    }

    /// <summary>Voxels whose centres lie in an ellipsoid with half-axes in mm about the middle of the grid.</summary>
    public static Mask Ellipsoid(int width, int height, int depth, VoxelSpacing spacing, Vector3 halves)
    {
        Mask mask = Mask.Empty(width, height, depth);
        for (int i = 0; i < mask.Voxels.Length; i++)
        {
            double x = ((i % width) - ((width - 1) / 2.0)) * spacing.X / halves.X;
            double y = ((i / width % height) - ((height - 1) / 2.0)) * spacing.Y / halves.Y;
            double z = ((i / width / height) - ((depth - 1) / 2.0)) * spacing.Z / halves.Z;
            mask.Voxels[i] = (byte)((x * x) + (y * y) + (z * z) <= 1 ? 1 : 0);
        }

        return mask;
    }

    /// <summary>Area of an ellipsoid by integration over its parameters.</summary>
    public static double EllipsoidArea(Vector3 halves)
    {
        const int steps = 600;
        double area = 0;
        for (int i = 0; i < steps; i++)
        {
            double theta = (i + 0.5) * Math.PI / steps;
            for (int j = 0; j < steps; j++)
            {
                double phi = (j + 0.5) * Math.PI / steps;
                double x = halves.Y * halves.Z * Math.Sin(theta) * Math.Cos(phi), y = halves.X * halves.Z * Math.Sin(theta) * Math.Sin(phi);
                double z = halves.X * halves.Y * Math.Cos(theta);
                area += Math.Sin(theta) * Math.Sqrt((x * x) + (y * y) + (z * z));
            }
        }

        return area * 2 * Math.PI * Math.PI / steps / steps;
    }

    public static Mask Random(int seed, int width, int height, int depth, double share)
    {
        Random random = new(seed);
        return new Mask([.. Enumerable.Range(0, width * height * depth).Select(_ => (byte)(random.NextDouble() < share ? 1 : 0))], width, height, depth);
    }

    public static TriangleMesh Closed(this TriangleMesh mesh)
    {
        AssertClosed(mesh.Indices);
        return mesh;
    }
}
