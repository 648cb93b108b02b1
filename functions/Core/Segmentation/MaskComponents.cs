using System.Runtime.InteropServices;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>One connected part of a mask.</summary>
/// <param name="Index">Its place in <see cref="MaskComponents.Items"/>.</param>
public readonly record struct MaskComponent(int Index, long VoxelCount, VoxelBox Box)
{
    public int SliceCount => Box.Z1 - Box.Z0;
}

/// <summary>
/// The 26-connected components of a mask (8-connected on a single slice), by runs and union-find (He, Chao, Suzuki 2008) carried
/// over slices: memory goes with the number of runs, not of voxels.
/// </summary>
public sealed class MaskComponents
{
    private readonly Mask _mask;
    private readonly List<Run> _runs = [];

    // Where the runs of each row begin, rows of all slices one behind the other, and the end of the last.
    private readonly int[] _rows;

    // Component of each run; runs in the order of their components, and where those begin.
    private readonly int[] _component;
    private readonly int[] _grouped;
    private readonly int[] _starts;

    private MaskComponents(Mask mask)
    {
        _mask = mask;
        _rows = new int[(mask.Height * mask.Depth) + 1];
        for (var row = 0; row < _rows.Length - 1; row++)
        {
            AppendRuns(row);
            _rows[row + 1] = _runs.Count;
        }

        (Items, _component) = Number(Connect());
        _starts = new int[Items.Count + 1];
        foreach (var component in _component)
            _starts[component + 1]++;
        for (var i = 0; i < Items.Count; i++)
            _starts[i + 1] += _starts[i];
        _grouped = new int[_runs.Count];
        var next = _starts.ToArray();
        for (var i = 0; i < _component.Length; i++)
            _grouped[next[_component[i]]++] = i;
    }

    /// <summary>Largest first; of equal ones that which comes first in the mask.</summary>
    public IReadOnlyList<MaskComponent> Items { get; }

    public static MaskComponents Find(Mask mask) => new(mask);

    /// <summary>The component that holds a voxel; null for one outside of the mask.</summary>
    public int? At(int x, int y, int z)
    {
        var row = (z * _mask.Height) + y;
        var (low, high) = (_rows[row], _rows[row + 1] - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].End <= x)
                low = middle + 1;
            else if (_runs[middle].Begin > x)
                high = middle - 1;
            else
                return _component[middle];
        }

        return null;
    }

    /// <summary>A component alone, cut to its box.</summary>
    public Mask Crop(MaskComponent component)
    {
        var box = component.Box;
        var (width, height) = (box.X1 - box.X0, box.Y1 - box.Y0);
        var crop = Mask.Empty(width, height, box.Z1 - box.Z0);
        foreach (var run in RunsOf(component))
        {
            var (z, y) = Math.DivRem(_runs[run].Row, _mask.Height);
            var at = ((((z - box.Z0) * height) + y - box.Y0) * width) + _runs[run].Begin - box.X0;
            crop.Voxels.AsSpan(at, _runs[run].Length).Fill(1);
        }

        return crop;
    }

    /// <summary>Takes a component out of the mask.</summary>
    public void Erase(MaskComponent component)
    {
        foreach (var run in RunsOf(component))
            _mask.Voxels.AsSpan((_runs[run].Row * _mask.Width) + _runs[run].Begin, _runs[run].Length).Clear();
    }

    private ReadOnlySpan<int> RunsOf(MaskComponent component) => _grouped.AsSpan(_starts[component.Index].._starts[component.Index + 1]);

    private void AppendRuns(int number)
    {
        ReadOnlySpan<byte> row = _mask.Voxels.AsSpan(number * _mask.Width, _mask.Width);
        for (var x = row.IndexOfAnyExcept((byte)0); x >= 0;)
        {
            var length = row[x..].IndexOf((byte)0);
            var end = length < 0 ? row.Length : x + length;
            _runs.Add(new Run(number, x, end));
            var next = row[end..].IndexOfAnyExcept((byte)0);
            x = next < 0 ? -1 : end + next;
        }
    }

    private int[] Connect()
    {
        var parents = new int[_runs.Count];
        for (var i = 0; i < parents.Length; i++)
            parents[i] = i;
        for (var row = 0; row < _rows.Length - 1; row++)
        {
            if (_rows[row] == _rows[row + 1])
                continue;
            var (z, y) = Math.DivRem(row, _mask.Height);
            if (y > 0)
                Join(parents, row, row - 1);
            for (var dy = -1; z > 0 && dy <= 1; dy++)
            {
                if (y + dy >= 0 && y + dy < _mask.Height)
                    Join(parents, row, row - _mask.Height + dy);
            }
        }

        return parents;
    }

    // Both rows are in order, so one walk finds every pair that touches, at corners too.
    private void Join(int[] parents, int row, int other)
    {
        var k = _rows[other];
        for (var i = _rows[row]; i < _rows[row + 1]; i++)
        {
            while (k < _rows[other + 1] && _runs[k].End < _runs[i].Begin)
                k++;
            for (var m = k; m < _rows[other + 1] && _runs[m].Begin <= _runs[i].End; m++)
            {
                var (a, b) = (Root(parents, i), Root(parents, m));
                parents[Math.Max(a, b)] = Math.Min(a, b);
            }
        }
    }

    private static int Root(int[] parents, int i)
    {
        while (parents[i] != i)
            i = parents[i] = parents[parents[i]];
        return i;
    }

    private (MaskComponent[] Items, int[] Component) Number(int[] parents)
    {
        var found = new List<MaskComponent>();
        var number = new int[parents.Length];
        var runs = CollectionsMarshal.AsSpan(_runs);
        for (var i = 0; i < parents.Length; i++)
        {
            var root = Root(parents, i);
            if (root == i)
            {
                number[i] = found.Count;
                found.Add(new MaskComponent(found.Count, 0, new VoxelBox(int.MaxValue, int.MaxValue, int.MaxValue, 0, 0, 0)));
            }

            number[i] = number[root];
            var (z, y) = Math.DivRem(runs[i].Row, _mask.Height);
            ref var item = ref CollectionsMarshal.AsSpan(found)[number[i]];
            var box = item.Box;
            item = new MaskComponent(item.Index, item.VoxelCount + runs[i].Length, new VoxelBox(
                Math.Min(box.X0, runs[i].Begin), Math.Min(box.Y0, y), Math.Min(box.Z0, z),
                Math.Max(box.X1, runs[i].End), Math.Max(box.Y1, y + 1), Math.Max(box.Z1, z + 1)));
        }

        var items = found.OrderByDescending(item => item.VoxelCount).ThenBy(item => item.Index).ToArray();
        var place = new int[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            place[items[i].Index] = i;
            items[i] = items[i] with { Index = i };
        }

        for (var i = 0; i < number.Length; i++)
            number[i] = place[number[i]];
        return (items, number);
    }

    private readonly record struct Run(int Row, int Begin, int End)
    {
        public int Length => End - Begin;
    }
}
