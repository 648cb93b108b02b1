using System.Buffers;
using System.Numerics;

namespace TumorFunctions.Core.Radiomics;

/// <summary>One of the 13 (within a slice: 4) directions to a neighbour at distance 1, and its step in the grid.</summary>
internal readonly record struct GridDirection(int X, int Y, int Z, int Step);

/// <summary>A run of the region in the grid.</summary>
internal readonly record struct GridRun(int Start, int Length);

/// <summary>
/// The grey levels of a region in its box, with a margin of zeros around it so that a neighbour can be read without asking where
/// the box ends. A planar grid has no margin along z, since nothing there looks at another slice.
/// </summary>
internal sealed class LevelGrid : IDisposable
{
    /// <summary>Room before and after the grid for vectors that reach over its ends; runs count from its beginning.</summary>
    private static readonly int Slack = Vector<ushort>.Count;

    private readonly ushort[] _cells;
    private readonly GridRun[] _runs;
    private readonly int _runCount;

    private LevelGrid(ushort[] cells, GridRun[] runs, int runCount)
    {
        _cells = cells;
        _runs = runs;
        _runCount = runCount;
    }

    /// <summary>Sides of the grid, margins included.</summary>
    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int Depth { get; init; }

    public required bool Planar { get; init; }

    public required int VoxelCount { get; init; }

    /// <summary>The highest level in use.</summary>
    public required int Highest { get; init; }

    /// <summary>Number of voxels of each level; index 0 is not used.</summary>
    public required int[] Histogram { get; init; }

    /// <summary>All cells with the slack around them.</summary>
    public ReadOnlySpan<ushort> Cells => _cells.AsSpan(0, (Width * Height * Depth) + (2 * Slack));

    public ReadOnlySpan<GridRun> Runs => _runs.AsSpan(0, _runCount);

    /// <exception cref="ArgumentException">The box is too large to be held.</exception>
    public static LevelGrid Build(Region region, ReadOnlySpan<ushort> levels, int highest, bool planar)
    {
        planar |= region.Depth == 1;
        var width = region.Width + 2;
        var height = region.Height + 2;
        var margin = planar ? 0 : 1;
        var depth = region.Depth + (2 * margin);
        var length = ((long)width * height * depth) + (2 * Slack);
        if (length > Array.MaxLength)
        {
            throw new ArgumentException(
                $"The region's box of {region.Width}×{region.Height}×{region.Depth} voxels is too large.");
        }

        var cells = ArrayPool<ushort>.Shared.Rent((int)length);
        cells.AsSpan(0, (int)length).Clear();
        var runs = ArrayPool<GridRun>.Shared.Rent(region.Runs.Length);
        var histogram = new int[highest + 1];
        var at = 0;
        var r = 0;
        foreach (var run in region.Runs)
        {
            var start = Slack + ((((run.Z + margin) * height) + run.Y + 1) * width) + run.X + 1;
            levels.Slice(at, run.Length).CopyTo(cells.AsSpan(start));
            runs[r++] = new GridRun(start, run.Length);
            at += run.Length;
        }

        foreach (var level in levels)
        {
            histogram[level]++;
        }

        return new LevelGrid(cells, runs, r)
        {
            Width = width,
            Height = height,
            Depth = depth,
            Planar = planar,
            VoxelCount = region.VoxelCount,
            Highest = highest,
            Histogram = histogram,
        };
    }

    /// <summary>
    /// Half of the neighbours, each standing for itself and its opposite; those that the box is too thin for are left out.
    /// </summary>
    public List<GridDirection> Directions()
    {
        var directions = new List<GridDirection>(13);
        for (var z = 0; z <= (Planar ? 0 : 1); z++)
        {
            for (var y = -z; y <= 1; y++)
            {
                for (var x = y == 0 && z == 0 ? 1 : -1; x <= 1; x++)
                {
                    if ((x == 0 || Width > 3) && (y == 0 || Height > 3) && (z == 0 || Depth > 3))
                    {
                        directions.Add(new GridDirection(x, y, z, (((z * Height) + y) * Width) + x));
                    }
                }
            }
        }

        return directions;
    }

    /// <summary>
    /// The first cell within the box on the line through a cell: the same for all cells of a line, and only for them.
    /// </summary>
    public int LineOrigin(int cell, GridDirection direction)
    {
        var (rest, x) = Math.DivRem(cell - Slack, Width);
        var (z, y) = Math.DivRem(rest, Height);
        var back = Math.Min(Math.Min(Room(x, direction.X, Width), Room(y, direction.Y, Height)), Room(z, direction.Z, Depth));
        return cell - (back * direction.Step);

        static int Room(int at, int step, int side) => step switch { 0 => int.MaxValue, > 0 => at, _ => side - 1 - at };
    }

    /// <summary>Steps to all 26 (planar: 8) neighbours.</summary>
    public int[] NeighbourSteps()
    {
        var steps = new List<int>(26);
        var reach = Planar ? 0 : 1;
        for (var z = -reach; z <= reach; z++)
        {
            for (var y = -1; y <= 1; y++)
            {
                for (var x = -1; x <= 1; x++)
                {
                    if ((x, y, z) != (0, 0, 0))
                    {
                        steps.Add((((z * Height) + y) * Width) + x);
                    }
                }
            }
        }

        return [.. steps];
    }

    public void Dispose()
    {
        ArrayPool<ushort>.Shared.Return(_cells);
        ArrayPool<GridRun>.Shared.Return(_runs);
    }
}
