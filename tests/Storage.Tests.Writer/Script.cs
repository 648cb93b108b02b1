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

    /// <summary>The content of a name as a step wrote it; every third is long enough to be killed halfway.</summary>
    public static byte[] Content(string name, int step) =>
        Fill(new byte[step % 3 == 0 ? 800_000 + step : 40 + (step * 977 % 50_000)], name, step);

    /// <summary>Fills with bytes that name and step decide.</summary>
    protected internal static byte[] Fill(byte[] content, string name, int step)
    {
        var state = ((ulong)step * 0x9E3779B97F4A7C15) + (ulong)name.Sum(c => c);
        for (var i = 0; i < content.Length; i++)
        {
            // The 64-bit linear congruential generator of Knuth's MMIX.
            state = (state * 6364136223846793005) + 1442695040888963407;
            content[i] = (byte)(state >> 56);
        }

        return content;
    }
}
