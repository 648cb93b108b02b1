namespace TumorFunctions.Storage.Tests.Writer;

/// <summary>
/// An endless sequence of writes that is known beforehand: after n acknowledged steps the store holds the state after n steps, or
/// after n + 1 where the process was killed between the write and its acknowledgement.
/// </summary>
/// <param name="prefix">Begins every name that the script writes.</param>
public abstract class Script(string prefix)
{
    private const int NameCount = 6;

    public string Prefix => prefix;

    /// <summary>Carries out a step; steps count from 1.</summary>
    public abstract Task RunAsync(int step);

    /// <summary>What the names hold after <paramref name="steps"/> steps: the number of the step that wrote each.</summary>
    public SortedDictionary<string, int> StateAfter(int steps)
    {
        var state = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var step = 1; step <= steps; step++)
            Apply(step, state);
        return state;
    }

    protected abstract void Apply(int step, SortedDictionary<string, int> state);

    protected static bool Deletes(int step) => step % 5 == 0;

    protected string Name(int step) => $"{prefix}{step * 7 % NameCount}";

    /// <summary>The content of a name as a step wrote it; some are long enough to be killed halfway.</summary>
    public static byte[] Content(string name, int step)
    {
        var random = new Random((step * 7919) + name.Sum(c => c));
        var content = new byte[step % 3 == 0 ? 1_500_000 + random.Next(1000) : 40 + random.Next(50_000)];
        random.NextBytes(content);
        return content;
    }
}
