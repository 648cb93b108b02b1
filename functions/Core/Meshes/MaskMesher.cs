using System.Numerics;
using System.Runtime.InteropServices;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Meshes;

/// <summary>Turns a mask into its surface by marching cubes.</summary>
public static class MaskMesher
{
    /// <summary>
    /// The closed surface of a mask: every edge belongs to exactly two triangles that run through it in opposite directions, also
    /// where the region touches the border of the mask. Vertices lie halfway between inside and outside voxels and are shared.
    /// </summary>
    /// <returns>
    /// Positions in mm, with the centre of voxel (0, 0, 0) at the origin; no triangles where the mask is empty.
    /// </returns>
    /// <exception cref="ArgumentException">The spacing is not positive.</exception>
    public static TriangleMesh Build(Mask mask, VoxelSpacing spacing)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (!(spacing.X > 0 && spacing.Y > 0 && spacing.Z > 0 && double.IsFinite(spacing.X + spacing.Y + spacing.Z)))
        {
            throw new ArgumentException($"The spacing must be positive along every axis, not {spacing}.", nameof(spacing));
        }

        using var bits = BitMask.From(mask);
        var builder = new Builder(mask.Width + 2, spacing);
        bits.VisitSurface(ref builder);
        return new TriangleMesh([.. builder.Vertices], [.. builder.Indices]);
    }

    /// <summary>
    /// Keeps the vertices of two layers of cubes, so that a vertex is made once and found again by its neighbours.
    /// </summary>
    private struct Builder(int width, VoxelSpacing spacing) : ICubeVisitor
    {
        private readonly Dictionary<int, int>[] _layers = [new(), new(), new()];
        private int _z = int.MinValue;

        public readonly List<Vector3> Vertices { get; } = [];

        public readonly List<int> Indices { get; } = [];

        public void Visit(int x, int y, int z, int configuration)
        {
            if (z != _z)
            {
                StartLayer(z);
            }

            foreach (var edge in MarchingCubes.Triangles(configuration))
            {
                Indices.Add(VertexOn(edge, x, y, z));
            }
        }

        /// <summary>The top of the last layer is the bottom of this one.</summary>
        private void StartLayer(int z)
        {
            (_layers[0], _layers[2]) = (_layers[2], _layers[0]);
            if (z != _z + 1)
            {
                _layers[0].Clear();
            }

            _layers[1].Clear();
            _layers[2].Clear();
            _z = z;
        }

        private readonly int VertexOn(int edge, int x, int y, int z)
        {
            var (dx, dy, dz) = MarchingCubes.Midpoint(edge);
            var key = (((2 * (y + 1)) + dy) * 2 * width) + (2 * (x + 1)) + dx;
            ref var vertex = ref CollectionsMarshal.GetValueRefOrAddDefault(_layers[dz], key, out var known);
            if (!known)
            {
                vertex = Vertices.Count;
                var (px, py, pz) = (x + (dx / 2.0), y + (dy / 2.0), z + (dz / 2.0));
                Vertices.Add(new Vector3((float)(px * spacing.X), (float)(py * spacing.Y), (float)(pz * spacing.Z)));
            }

            return vertex;
        }
    }
}
