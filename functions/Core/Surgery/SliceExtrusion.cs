using System.Numerics;
using System.Runtime.InteropServices;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Surgery;

/// <summary>
/// The solid over the mask of one slice: two lids of marching squares and the wall between them. Two pixels that touch only at a corner
/// stay apart, as in the marching cubes.
/// </summary>
internal sealed class SliceExtrusion
{
    private static readonly (int X, int Y)[] Corners = [(0, 0), (1, 0), (1, 1), (0, 1)];

    private readonly Dictionary<(int X, int Y), int> _numbers = [];
    private readonly List<Vector3> _vertices = [];
    private readonly List<int> _triangles = [];
    private readonly Mask _mask;
    private readonly VoxelSpacing _spacing;

    private SliceExtrusion(Mask mask, VoxelSpacing spacing) => (_mask, _spacing) = (mask, spacing);

    public static TriangleMesh Build(Mask mask, VoxelSpacing spacing, int smoothingSteps)
    {
        if (!(spacing is { X: > 0, Y: > 0, Z: > 0 } && double.IsFinite(spacing.X + spacing.Y + spacing.Z)))
            throw new ArgumentException($"The spacing must be positive along every axis, not {spacing}.", nameof(spacing));

        SliceExtrusion extrusion = new(mask, spacing);
        extrusion.FillLid();
        return extrusion.Extrude(smoothingSteps);
    }

    /// <summary>Covers every square of four pixel centres as far as it is inside, edges cut in their middles.</summary>
    private void FillLid()
    {
        List<int> polygon = [];
        for (int y = -1; y < _mask.Height; y++)
        {
            for (int x = -1; x < _mask.Width; x++)
            {
                int inside = Corners.Count(corner => Inside(x + corner.X, y + corner.Y));
                if (inside == 0)
                    continue;

                bool diagonal = inside == 2 && Inside(x, y) == Inside(x + 1, y + 1);
                polygon.Clear();
                for (int c = 0; c < Corners.Length; c++)
                {
                    ((int ax, int ay), (int bx, int by)) = (Corners[c], Corners[(c + 1) % Corners.Length]);
                    (bool here, bool there) = (Inside(x + ax, y + ay), Inside(x + bx, y + by));
                    if (here)
                        polygon.Add(Vertex((2 * x) + (2 * ax), (2 * y) + (2 * ay)));
                    if (here != there)
                        polygon.Add(Vertex((2 * x) + ax + bx, (2 * y) + ay + by));
                }

                if (diagonal)
                    AddCornerPair(polygon, cornerFirst: Inside(x, y));
                else
                    AddFan(polygon);
            }
        }
    }

    // Round the square: corner, middle, middle, corner, middle, middle; or the same begun at a middle.
    private void AddCornerPair(List<int> polygon, bool cornerFirst)
    {
        int first = cornerFirst ? 0 : 1;
        foreach (int corner in new[] { first, first + 3 })
            _triangles.AddRange([polygon[(corner + 5) % 6], polygon[corner % 6], polygon[(corner + 1) % 6]]);
    }

    private void AddFan(List<int> polygon)
    {
        for (int i = 1; i < polygon.Count - 1; i++)
            _triangles.AddRange([polygon[0], polygon[i], polygon[i + 1]]);
    }

    private bool Inside(int x, int y) =>
        (uint)x < (uint)_mask.Width && (uint)y < (uint)_mask.Height && _mask.Voxels[(y * _mask.Width) + x] != 0;

    /// <summary>The vertex at a place in half pixels.</summary>
    private int Vertex(int x, int y)
    {
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, (x, y), out bool known);
        if (!known)
        {
            number = _vertices.Count;
            _vertices.Add(new Vector3((float)(x / 2.0 * _spacing.X), (float)(y / 2.0 * _spacing.Y), 0));
        }

        return number;
    }

    private TriangleMesh Extrude(int smoothingSteps)
    {
        int[] lid = [.. _triangles];
        List<(int From, int To)> outline = Outline(lid);
        Vector3[] flat = Smooth(lid, outline, smoothingSteps);

        int count = flat.Length;
        float half = (float)(_spacing.Z / 2);
        Vector3[] vertices = [.. flat.Select(v => v with { Z = half }), .. flat.Select(v => v with { Z = -half })];
        List<int> indices = [.. lid];
        for (int t = 0; t < lid.Length; t += 3)
            indices.AddRange([lid[t] + count, lid[t + 2] + count, lid[t + 1] + count]);
        foreach ((int from, int to) in outline)
            indices.AddRange([to, from, from + count, to, from + count, to + count]);
        return new TriangleMesh(vertices, [.. indices]);
    }

    /// <summary>Edges of one triangle only, in that triangle's direction.</summary>
    private static List<(int From, int To)> Outline(int[] lid)
    {
        HashSet<(int, int)> edges = [];
        for (int i = 0; i < lid.Length; i++)
            edges.Add((lid[i], lid[i % 3 == 2 ? i - 2 : i + 1]));
        return [.. edges.Where(edge => !edges.Contains((edge.Item2, edge.Item1)))];
    }

    /// <summary>The outline is smoothed along itself; what lies within follows.</summary>
    private Vector3[] Smooth(int[] lid, List<(int From, int To)> outline, int steps)
    {
        bool[] onOutline = new bool[_vertices.Count];
        List<int> edges = [];
        foreach ((int from, int to) in outline)
        {
            onOutline[from] = true;
            edges.AddRange([from, to, to, from]);
        }

        for (int i = 0; i < lid.Length; i++)
        {
            (int from, int to) = (lid[i], lid[i % 3 == 2 ? i - 2 : i + 1]);
            if (!onOutline[from])
                edges.AddRange([from, to]);
        }

        Vector3[] original = [.. _vertices];
        Vector3[] smooth = new Umbrella(original.Length, CollectionsMarshal.AsSpan(edges)).Smooth(original, steps);
        new MeshParts(original.Length, lid).RestoreAreas(
            original, smooth, (_mask.Voxels.Length - _mask.Voxels.AsSpan().Count((byte)0)) * _spacing.PixelArea);
        return smooth;
    }
}
