// Writes to the stores in the folder args[0], under names that begin with args[1], until it is killed or its input ends.
// Each finished step is acknowledged by a line "script step;".
using System.Globalization;
using System.Text;
using TumorFunctions.Storage.Embedded;
using TumorFunctions.Storage.Tests.Writer;

using var documents = new SqliteDocumentStore(Path.Combine(args[0], "documents.db"), DocumentScript.Containers);
var blobs = new FileBlobStore(Path.Combine(args[0], "blobs"));
using var acknowledgements = Console.OpenStandardOutput();
var turn = new Lock();

Task[] scripts = [.. ScriptSet.Of(documents, blobs, args[1]).Select((script, number) => Task.Run(() => RunAsync(script, number)))];
var inputEnd = Console.OpenStandardInput().CopyToAsync(Stream.Null);
await await Task.WhenAny([.. scripts, inputEnd]);

async Task RunAsync(Script script, int number)
{
    for (var step = 1; ; step++)
    {
        await script.RunAsync(step);
        var line = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{number} {step};\n"));
        lock (turn)
            acknowledgements.Write(line);
    }
}
