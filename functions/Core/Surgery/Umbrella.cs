using System.Numerics;

namespace TumorFunctions.Core.Surgery;

/// <summary>
/// Smooths vertices without shrinking them away (Taubin, "A signal processing approach to fair surface design", SIGGRAPH 1995): a step
/// towards the mean of a vertex's neighbours by λ, then a slightly longer one away by μ.
/// </summary>
internal sealed class Umbrella
{
    private const float Lambda = 0.5f;

    // The pass band ends at 1/λ + 1/μ = 0.1.
    private const float Mu = -1 / 1.9f;

    private readonly int[] _start;
    private readonly int[] _neighbours;

    /// <param name="edges">Pairs from, to: the second pulls at the first.</param>
    public Umbrella(int vertices, ReadOnlySpan<int> edges)
    {
        _start = new int[vertices + 1];
        for (int i = 0; i < edges.Length; i += 2)
            _start[edges[i] + 1]++;
        for (int v = 0; v < vertices; v++)
            _start[v + 1] += _start[v];

        _neighbours = new int[edges.Length / 2];
        int[] next = _start[..vertices];
        for (int i = 0; i < edges.Length; i += 2)
            _neighbours[next[edges[i]]++] = edges[i + 1];
    }

    public Vector3[] Smooth(Vector3[] vertices, int steps)
    {
        (Vector3[] current, Vector3[] other) = ((Vector3[])vertices.Clone(), new Vector3[vertices.Length]);
        for (int step = 0; step < steps; step++)
        {
            Move(current, other, Lambda);
            Move(other, current, Mu);
        }

        return current;
    }

    private void Move(Vector3[] from, Vector3[] to, float share)
    {
        const int chunk = 8192;
        Parallel.For(0, (from.Length + chunk - 1) / chunk, c =>
        {
            for (int v = c * chunk; v < Math.Min(from.Length, (c + 1) * chunk); v++)
            {
                ReadOnlySpan<int> neighbours = _neighbours.AsSpan(_start[v], _start[v + 1] - _start[v]);
                Vector3 sum = Vector3.Zero;
                foreach (int neighbour in neighbours)
                    sum += from[neighbour];
                to[v] = neighbours.IsEmpty ? from[v] : from[v] + (share * ((sum / neighbours.Length) - from[v]));
            }
        });
    }
}
