namespace TumorFunctions.Storage.Tests.Writer;

/// <summary>Deletes, and batches of two documents and a counter.</summary>
public sealed class DocumentScript(IDocumentStore store, string prefix) : Script(prefix)
{
    public const string Container = "crash";
    public const string Partition = "p";
    public const string StepField = "step";

    public static IReadOnlyList<DocumentContainer> Containers { get; } = [new DocumentContainer(Container, [StepField])];

    private string Counter => $"{Prefix}counter";

    public override Task RunAsync(int step) => Deletes(step)
        ? store.DeleteAsync(new DocumentAddress(Container, Partition, Name(step)))
        : store.ExecuteBatchAsync(
            Container,
            Partition,
            [
                new DocumentWrite.Upsert(Name(step), Entry.Of(Name(step), step)),
                new DocumentWrite.Upsert(Twin(step), Entry.Of(Twin(step), step)),
                new DocumentWrite.Increment(Counter, new Dictionary<string, long> { [StepField] = 1 }),
            ]);

    protected override void Apply(int step, SortedDictionary<string, int> state)
    {
        if (Deletes(step))
        {
            state.Remove(Name(step));
            return;
        }

        state[Name(step)] = step;
        state[Twin(step)] = step;
        state[Counter] = state.GetValueOrDefault(Counter) + 1;
    }

    private string Twin(int step) => $"{Name(step)}-twin";

    /// <param name="Body">Base64 of the content; null in a counter.</param>
    public sealed record Entry(int Step, string? Body = null)
    {
        public static Entry Of(string name, int step) => new(step, Convert.ToBase64String(Fill(new byte[step % 40], name, step)));
    }
}
