using System.Numerics;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Surgery;

/// <summary>
/// The smooth surface of a tumour: closed, also where the mask ends at the border of the image, facing outwards, in mm with the centre
/// of voxel (0, 0, 0) at the origin and the axes of the image (x along rows, y down columns, z through the slices).
/// </summary>
public static class TumourSurface
{
    private const int Steps = 20;

    /// <summary>
    /// Marching cubes, smoothed after Taubin and brought to the volume of the mask's voxels. A single slice is
    /// extruded by the spacing's Z, its outline smoothed and its area kept in the same way.
    /// </summary>
    /// <exception cref="ArgumentException">The mask is empty or the spacing not positive.</exception>
    public static TriangleMesh Build(Mask mask, VoxelSpacing spacing)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty)
            throw new ArgumentException("An empty mask has no surface.", nameof(mask));
        if (mask.Depth == 1)
            return SliceExtrusion.Build(mask, spacing, Steps);

        TriangleMesh mesh = MaskMesher.Build(mask, spacing);
        int[] edges = new int[2 * mesh.Indices.Length];
        for (int t = 0; t < mesh.Indices.Length; t += 3)
        {
            for (int corner = 0; corner < 3; corner++)
            {
                edges[2 * (t + corner)] = mesh.Indices[t + corner];
                edges[(2 * (t + corner)) + 1] = mesh.Indices[t + ((corner + 1) % 3)];
            }
        }

        Vector3[] smooth = new Umbrella(mesh.Vertices.Length, edges).Smooth(mesh.Vertices, Steps);
        new MeshParts(mesh.Vertices.Length, mesh.Indices).RestoreVolumes(
            mesh.Vertices, smooth, (mask.Voxels.Length - mask.Voxels.AsSpan().Count((byte)0)) * spacing.VoxelVolume);
        return mesh with { Vertices = smooth };
    }

    /// <summary>Unit normals of the vertices, outwards: the mean of the triangles around weighted by their areas.</summary>
    public static Vector3[] Normals(TriangleMesh mesh)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        Vector3[] normals = new Vector3[mesh.Vertices.Length];
        for (int t = 0; t < mesh.Indices.Length; t += 3)
        {
            (int a, int b, int c) = (mesh.Indices[t], mesh.Indices[t + 1], mesh.Indices[t + 2]);
            Vector3 area = Vector3.Cross(mesh.Vertices[b] - mesh.Vertices[a], mesh.Vertices[c] - mesh.Vertices[a]);
            normals[a] += area;
            normals[b] += area;
            normals[c] += area;
        }

        for (int v = 0; v < normals.Length; v++)
        {
            float length = normals[v].Length();
            normals[v] = length > 0 ? normals[v] / length : Vector3.UnitZ;
        }

        return normals;
    }
}
