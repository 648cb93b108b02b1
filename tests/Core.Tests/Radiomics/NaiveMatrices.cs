using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>Texture matrices as dictionaries, straight from their definitions.</summary>
internal sealed class NaiveMatrices
{
    private readonly Dictionary<(int X, int Y, int Z), int> _levels = [];
    private readonly bool _planar;

    public NaiveMatrices(Volume volume, Mask mask, Func<double, double, int> discretise, bool planar)
    {
        var inside = new List<((int, int, int) At, double Value)>();
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            if (mask.Voxels[i] != 0)
            {
                inside.Add(((i % mask.Width, i / mask.Width % mask.Height, i / mask.Width / mask.Height), volume.Voxels[i]));
            }
        }

        Values = [.. inside.Select(v => v.Value)];
        var minimum = Values.Min();
        foreach (var (at, value) in inside)
        {
            _levels[at] = discretise(value, minimum);
        }

        _planar = planar || _levels.Keys.Select(p => p.Z).Distinct().Count() == 1;
    }

    public double[] Values { get; }

    public int Highest => _levels.Values.Max();

    public int LevelsPresent => _levels.Values.Distinct().Count();

    public IReadOnlyCollection<(int X, int Y, int Z)> Voxels => _levels.Keys;

    public IEnumerable<double> Probabilities =>
        _levels.Values.GroupBy(l => l).Select(g => (double)g.Count() / _levels.Count);

    public IEnumerable<(int X, int Y, int Z)> Directions =>
        Neighbours().Where(d => d.Z > 0 || (d.Z == 0 && (d.Y > 0 || (d.Y == 0 && d.X > 0))));

    /// <summary>The symmetric GLCM of a direction, as counts.</summary>
    public Dictionary<(int I, int J), double> Cooccurrence((int X, int Y, int Z) d)
    {
        var matrix = new Dictionary<(int, int), double>();
        foreach (var (p, level) in _levels)
        {
            foreach (var q in new[] { (p.X + d.X, p.Y + d.Y, p.Z + d.Z), (p.X - d.X, p.Y - d.Y, p.Z - d.Z) })
            {
                if (_levels.TryGetValue(q, out var other))
                {
                    Increment(matrix, (level, other));
                }
            }
        }

        return matrix;
    }

    /// <summary>Runs of a direction; empty where no line in this direction meets two voxels.</summary>
    public Dictionary<(int I, int J), double> RunLength((int X, int Y, int Z) d)
    {
        var matrix = new Dictionary<(int, int), double>();
        foreach (var (p, level) in _levels)
        {
            if (_levels.GetValueOrDefault((p.X - d.X, p.Y - d.Y, p.Z - d.Z)) != level)
            {
                var length = 1;
                while (_levels.GetValueOrDefault((p.X + (length * d.X), p.Y + (length * d.Y), p.Z + (length * d.Z))) == level)
                {
                    length++;
                }

                Increment(matrix, (level, length));
            }
        }

        var reach = 1 + _levels.Keys.Max(p => Math.Max(p.X, Math.Max(p.Y, p.Z)));
        var sharesLine = _levels.Keys.Any(p => Enumerable.Range(1, reach).Any(
            k => _levels.ContainsKey((p.X + (k * d.X), p.Y + (k * d.Y), p.Z + (k * d.Z)))));
        return sharesLine ? matrix : [];
    }

    public Dictionary<(int I, int J), double> SizeZone()
    {
        var matrix = new Dictionary<(int, int), double>();
        var left = new HashSet<(int X, int Y, int Z)>(_levels.Keys);
        while (left.Count > 0)
        {
            var start = left.First();
            var queue = new Queue<(int X, int Y, int Z)>([start]);
            left.Remove(start);
            var size = 0;
            while (queue.TryDequeue(out var p))
            {
                size++;
                foreach (var d in Neighbours())
                {
                    var q = (p.X + d.X, p.Y + d.Y, p.Z + d.Z);
                    if (left.Contains(q) && _levels[q] == _levels[start])
                    {
                        left.Remove(q);
                        queue.Enqueue(q);
                    }
                }
            }

            Increment(matrix, (_levels[start], size));
        }

        return matrix;
    }

    public Dictionary<(int I, int J), double> Dependence()
    {
        var matrix = new Dictionary<(int, int), double>();
        foreach (var (p, level) in _levels)
        {
            Increment(matrix, (level, 1 + NeighbourLevels(p).Count(l => l == level)));
        }

        return matrix;
    }

    /// <summary>Count and sum of differences by level.</summary>
    public Dictionary<int, (double Count, double Difference)> ToneDifference(bool excludeIsolated)
    {
        var matrix = new Dictionary<int, (double, double)>();
        foreach (var (p, level) in _levels)
        {
            var around = NeighbourLevels(p).ToArray();
            if (around.Length == 0 && excludeIsolated)
            {
                continue;
            }

            var (count, difference) = matrix.GetValueOrDefault(level);
            matrix[level] = (count + 1, difference + (around.Length == 0 ? 0 : Math.Abs(level - around.Average())));
        }

        return matrix;
    }

    private IEnumerable<int> NeighbourLevels((int X, int Y, int Z) p) =>
        Neighbours().Select(d => _levels.GetValueOrDefault((p.X + d.X, p.Y + d.Y, p.Z + d.Z))).Where(l => l > 0);

    private IEnumerable<(int X, int Y, int Z)> Neighbours() =>
        from z in Enumerable.Range(_planar ? 0 : -1, _planar ? 1 : 3)
        from y in Enumerable.Range(-1, 3)
        from x in Enumerable.Range(-1, 3)
        where (x, y, z) != (0, 0, 0)
        select (x, y, z);

    private static void Increment<TKey>(Dictionary<TKey, double> matrix, TKey key)
        where TKey : notnull => matrix[key] = matrix.GetValueOrDefault(key) + 1;
}
