using System.Numerics;

namespace TumorFunctions.Core.Meshes;

/// <summary>A surface of triangles.</summary>
/// <param name="Vertices">Positions in mm.</param>
/// <param name="Indices">Three vertices a triangle, counter-clockwise seen from outside.</param>
public sealed record TriangleMesh(Vector3[] Vertices, int[] Indices)
{
    public int TriangleCount => Indices.Length / 3;

    /// <summary>Enclosed volume in mm³ (divergence theorem); positive where the triangles face outwards.</summary>
    public double Volume()
    {
        var sum = 0.0;
        for (var t = 0; t < Indices.Length; t += 3)
        {
            var (ax, ay, az) = Position(t);
            var (bx, by, bz) = Position(t + 1);
            var (cx, cy, cz) = Position(t + 2);
            sum += (ax * ((by * cz) - (bz * cy))) + (ay * ((bz * cx) - (bx * cz))) + (az * ((bx * cy) - (by * cx)));
        }

        return sum / 6;
    }

    /// <summary>Area of all triangles in mm².</summary>
    public double Area()
    {
        var sum = 0.0;
        for (var t = 0; t < Indices.Length; t += 3)
        {
            var (ax, ay, az) = Position(t);
            var (bx, by, bz) = Position(t + 1);
            var (cx, cy, cz) = Position(t + 2);
            var (ux, uy, uz) = (bx - ax, by - ay, bz - az);
            var (vx, vy, vz) = (cx - ax, cy - ay, cz - az);
            var (nx, ny, nz) = ((uy * vz) - (uz * vy), (uz * vx) - (ux * vz), (ux * vy) - (uy * vx));
            sum += Math.Sqrt((nx * nx) + (ny * ny) + (nz * nz));
        }

        return sum / 2;
    }

    private (double X, double Y, double Z) Position(int corner)
    {
        var v = Vertices[Indices[corner]];
        return (v.X, v.Y, v.Z);
    }
}
