using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Area and volume of the surface of a region without a mesh: what a marching cube adds depends on its configuration and its
/// place alone, so counting configurations and adding up places is enough.
/// </summary>
internal static class SurfaceMeasure
{
    /// <summary>Bit of the corner (0, 1, 1), where the classic table turns to the complement.</summary>
    private const int TurningCorner = 1 << 6;

    /// <param name="classic">
    /// Use a configuration that has the corner (0, 1, 1) inside as its complement turned inside out, as the classic table of 128
    /// entries does and PyRadiomics with it. Where two diagonal voxels meet, such a surface has small holes, and its volume
    /// depends a little on the place of the origin, which is one voxel before the region's box there. Otherwise the surface is
    /// closed.
    /// </param>
    /// <param name="extents">Receives the vertices.</param>
    /// <returns>Area in mm² and volume in mm³.</returns>
    public static (double Area, double Volume) Of(BitMask bits, VoxelSpacing spacing, bool classic, SurfaceExtents extents)
    {
        var visitor = new Visitor(extents);
        bits.VisitSurface(ref visitor);
        double area = 0, volume = 0;
        for (var c = 1; c < MarchingCubes.Configurations - 1; c++)
        {
            var (count, x, y, z) = visitor.Tally[c];
            if (count == 0)
            {
                continue;
            }

            var turned = classic && (c & TurningCorner) != 0;
            var cube = CubeShare.Of(turned ? c ^ 0xFF : c, spacing);
            area += count * cube.Area;
            volume += (turned ? -1 : 1) * ((count * cube.Moment) + (x * cube.FluxX) + (y * cube.FluxY) + (z * cube.FluxZ));
        }

        return (area, volume / 3 * spacing.VoxelVolume);
    }

    /// <summary>Number of cubes of a configuration and the sums of their coordinates, from one voxel before the box.</summary>
    private record struct Place(long Count, long X, long Y, long Z);

    /// <summary>What a cube adds: ∮ dA in mm²; ∮ n dA and ∮ p·n dA in units of voxels, p from the cube's corner 0.</summary>
    private readonly record struct CubeShare(double Area, double FluxX, double FluxY, double FluxZ, double Moment)
    {
        public static CubeShare Of(int configuration, VoxelSpacing spacing)
        {
            var share = default(CubeShare);
            var edges = MarchingCubes.Triangles(configuration);
            for (var t = 0; t < edges.Length; t += 3)
            {
                var (a, b, c) = (
                    MarchingCubes.Midpoint(edges[t]), MarchingCubes.Midpoint(edges[t + 1]), MarchingCubes.Midpoint(edges[t + 2]));
                var (ux, uy, uz) = (b.X - a.X, b.Y - a.Y, b.Z - a.Z);
                var (vx, vy, vz) = (c.X - a.X, c.Y - a.Y, c.Z - a.Z);
                // Twice the area vector, in half voxels.
                var (nx, ny, nz) = ((uy * vz) - (uz * vy), (uz * vx) - (ux * vz), (ux * vy) - (uy * vx));
                var (mx, my, mz) = (nx * spacing.Y * spacing.Z, ny * spacing.X * spacing.Z, nz * spacing.X * spacing.Y);
                share = new CubeShare(
                    share.Area + (Math.Sqrt((mx * mx) + (my * my) + (mz * mz)) / 8),
                    share.FluxX + (nx / 8.0),
                    share.FluxY + (ny / 8.0),
                    share.FluxZ + (nz / 8.0),
                    // p·n is the same on all of a triangle.
                    share.Moment + (((a.X * nx) + (a.Y * ny) + (a.Z * nz)) / 16.0));
            }

            return share;
        }
    }

    private struct Visitor(SurfaceExtents extents) : ICubeVisitor
    {
        public readonly Place[] Tally { get; } = new Place[MarchingCubes.Configurations];

        public readonly void Visit(int x, int y, int z, int configuration)
        {
            ref var place = ref Tally[configuration];
            place.Count++;
            place.X += x + 1;
            place.Y += y + 1;
            place.Z += z + 1;
            // Of its edges a cube notes those at corner 0; the others are at corner 0 of a neighbour.
            var cut = (configuration & 1) == 0 ? configuration : ~configuration;
            if ((cut & 0b10110) == 0)
            {
                return;
            }

            var (px, py, pz) = ((2 * x) + 1, (2 * y) + 1, (2 * z) + 1);
            if ((cut & 2) != 0)
            {
                extents.Add(px + 1, py, pz);
            }

            if ((cut & 4) != 0)
            {
                extents.Add(px, py + 1, pz);
            }

            if ((cut & 16) != 0)
            {
                extents.Add(px, py, pz + 1);
            }
        }
    }
}
