using System.Globalization;

namespace TumorFunctions.Storage.Tests.Writer;

public sealed class BlobScript(IBlobStore store, string prefix) : Script(prefix)
{
    public const string Container = "crash";
    public const string StepField = "step";

    public override async Task RunAsync(int step)
    {
        var address = new BlobAddress(Container, Name(step));
        if (Deletes(step))
        {
            await store.DeleteAsync(address);
            return;
        }

        await store.WriteAsync(address, new MemoryStream(Content(address.Name, step)), new BlobWriteOptions
        {
            ContentType = "application/octet-stream",
            Overwrite = true,
            Metadata = new Dictionary<string, string> { [StepField] = step.ToString(CultureInfo.InvariantCulture) },
        });
    }

    protected override void Apply(int step, SortedDictionary<string, int> state)
    {
        if (Deletes(step))
            state.Remove(Name(step));
        else
            state[Name(step)] = step;
    }
}
