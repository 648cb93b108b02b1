using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Surgery;

/// <summary>A grid over a volume, coarser where the volume has more voxels than the outline of a head needs.</summary>
/// <param name="Steps">Voxels from one cell to the next along x and y.</param>
internal sealed record HeadGrid(int Width, int Height, int Depth, VoxelSpacing Spacing, int Steps)
{
    private const double FineEnough = 1;
    private const long MaxCells = 8_000_000;

    public int Length => Width * Height * Depth;

    public static HeadGrid Over(Volume volume, VoxelSpacing spacing)
    {
        int steps = Math.Max(1, (int)(FineEnough / Math.Max(spacing.X, spacing.Y)));
        while (Cells(volume.Width, steps) * Cells(volume.Height, steps) * volume.Depth > MaxCells && steps < Math.Max(volume.Width, volume.Height))
            steps++;
        return new HeadGrid(
            (int)Cells(volume.Width, steps),
            (int)Cells(volume.Height, steps),
            volume.Depth,
            new VoxelSpacing(spacing.X * steps, spacing.Y * steps, spacing.Z),
            steps);
    }

    /// <summary>The voxel that a cell stands for.</summary>
    public int VoxelOf(int cell, Volume volume)
    {
        (int x, int y, int z) = (cell % Width * Steps, cell / Width % Height * Steps, cell / Width / Height);
        return (((z * volume.Height) + y) * volume.Width) + x;
    }

    /// <summary>Labels the passable cells that can be reached by faces from a seed and bear no label yet; returns how many.</summary>
    public int Flood(bool[] passable, int seed, int[] labels, int label)
    {
        int count = 0;
        Stack<int> open = new();
        Reach(seed);
        while (open.TryPop(out int cell))
        {
            (int x, int y, int z) = (cell % Width, cell / Width % Height, cell / Width / Height);
            if (x > 0)
                Reach(cell - 1);
            if (x + 1 < Width)
                Reach(cell + 1);
            if (y > 0)
                Reach(cell - Width);
            if (y + 1 < Height)
                Reach(cell + Width);
            if (z > 0)
                Reach(cell - (Width * Height));
            if (z + 1 < Depth)
                Reach(cell + (Width * Height));
        }

        return count;

        void Reach(int cell)
        {
            if (passable[cell] && labels[cell] == 0)
            {
                labels[cell] = label;
                count++;
                open.Push(cell);
            }
        }
    }

    /// <summary>The cells on the four sides of every slice.</summary>
    public IEnumerable<int> Border() => Enumerable.Range(0, Length).Where(cell =>
        cell % Width == 0 || cell % Width == Width - 1 || cell / Width % Height == 0 || cell / Width % Height == Height - 1);

    private static long Cells(int voxels, int steps) => (voxels + steps - 1) / steps;
}
