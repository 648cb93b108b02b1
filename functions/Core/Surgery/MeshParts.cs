using System.Numerics;

namespace TumorFunctions.Core.Surgery;

/// <summary>The connected parts of a mesh, to give each of them back the size that smoothing took.</summary>
internal sealed class MeshParts
{
    public const double MaxGrowth = 1.1;

    private readonly int[] _indices;
    private readonly int[] _partOf;
    private readonly int _count;

    public MeshParts(int vertices, int[] indices)
    {
        _indices = indices;
        int[] parent = [.. Enumerable.Range(0, vertices)];
        for (int t = 0; t < indices.Length; t += 3)
        {
            Join(parent, indices[t], indices[t + 1]);
            Join(parent, indices[t], indices[t + 2]);
        }

        _partOf = new int[vertices];
        int[] number = new int[vertices];
        for (int v = 0; v < vertices; v++)
        {
            int root = Root(parent, v);
            if (number[root] == 0)
                number[root] = ++_count;
            _partOf[v] = number[root] - 1;
        }
    }

    /// <summary>
    /// Enlarges every part about its own centre until it encloses the volume that it had, and all together that of the voxels, since
    /// cut corners cost marching cubes a per cent or two; where corners are most of the region, they stay cut. A part that smoothing
    /// would have changed out of recognition (a few voxels) keeps its shape.
    /// </summary>
    public void RestoreVolumes(Vector3[] original, Vector3[] smoothed, double voxelVolume)
    {
        Vector3[] centres = Centres(smoothed);
        double[] before = Volumes(original, centres), after = Volumes(smoothed, centres);
        Restore(original, smoothed, centres, Grown(before, voxelVolume), after, ratio => (float)Math.Cbrt(ratio));
    }

    /// <summary>The same for a flat mesh in the plane z = 0 and its area.</summary>
    public void RestoreAreas(Vector3[] original, Vector3[] smoothed, double pixelArea) =>
        Restore(original, smoothed, Centres(smoothed), Grown(Areas(original), pixelArea), Areas(smoothed), ratio => (float)Math.Sqrt(ratio));

    private static double[] Grown(double[] sizes, double total)
    {
        double growth = total / sizes.Sum();
        return growth <= MaxGrowth ? [.. sizes.Select(size => size * growth)] : sizes;
    }

    private void Restore(
        Vector3[] original, Vector3[] smoothed, Vector3[] centres, double[] before, double[] after, Func<double, float> factorOf)
    {
        float[] factors = [.. before.Zip(after, (b, a) => b / a is var ratio && ratio is > 0.5 and < 2 ? factorOf(ratio) : float.NaN)];
        for (int v = 0; v < smoothed.Length; v++)
        {
            int part = _partOf[v];
            smoothed[v] = float.IsNaN(factors[part]) ? original[v] : centres[part] + (factors[part] * (smoothed[v] - centres[part]));
        }
    }

    private Vector3[] Centres(Vector3[] vertices)
    {
        var sums = new (double X, double Y, double Z, int Count)[_count];
        for (int v = 0; v < vertices.Length; v++)
        {
            ref var sum = ref sums[_partOf[v]];
            sum = (sum.X + vertices[v].X, sum.Y + vertices[v].Y, sum.Z + vertices[v].Z, sum.Count + 1);
        }

        return [.. sums.Select(s => new Vector3((float)(s.X / s.Count), (float)(s.Y / s.Count), (float)(s.Z / s.Count)))];
    }

    private double[] Volumes(Vector3[] vertices, Vector3[] centres)
    {
        double[] volumes = new double[_count];
        for (int t = 0; t < _indices.Length; t += 3)
        {
            int part = _partOf[_indices[t]];
            Vector3 a = vertices[_indices[t]] - centres[part], b = vertices[_indices[t + 1]] - centres[part];
            volumes[part] += Vector3.Dot(a, Vector3.Cross(b, vertices[_indices[t + 2]] - centres[part])) / 6.0;
        }

        return volumes;
    }

    private double[] Areas(Vector3[] vertices)
    {
        double[] areas = new double[_count];
        for (int t = 0; t < _indices.Length; t += 3)
        {
            Vector3 a = vertices[_indices[t]];
            areas[_partOf[_indices[t]]] += Vector3.Cross(vertices[_indices[t + 1]] - a, vertices[_indices[t + 2]] - a).Z / 2.0;
        }

        return areas;
    }

    private static void Join(int[] parent, int a, int b) => parent[Root(parent, a)] = Root(parent, b);

    private static int Root(int[] parent, int v)
    {
        while (parent[v] != v)
            v = parent[v] = parent[parent[v]];
        return v;
    }
}
