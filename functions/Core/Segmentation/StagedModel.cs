namespace TumorFunctions.Core.Segmentation;

/// <summary>An upload on its way into the registry; what was not committed is deleted when disposed.</summary>
public sealed class StagedModel : IDisposable
{
    private const string File = "model.onnx";
    private const string Card = "model.json";
    private const int BufferBytes = 128 * 1024;

    private readonly string _folder;
    private bool _isCommitted;

    internal StagedModel(string folder) => _folder = folder;

    /// <summary>Bytes of the model file.</summary>
    public long Length { get; private set; }

    internal string Path => System.IO.Path.Combine(_folder, File);

    /// <summary>Writes the model file from a stream, which is read to its end.</summary>
    public async Task WriteModelAsync(Stream content, CancellationToken cancellationToken = default)
    {
        var file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            await content.CopyToAsync(file, BufferBytes, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            Length = file.Length;
        }
    }

    public Task WriteCardAsync(string json, CancellationToken cancellationToken = default) =>
        System.IO.File.WriteAllTextAsync(System.IO.Path.Combine(_folder, Card), json, cancellationToken);

    public void Dispose()
    {
        if (!_isCommitted && Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Gives the files their names, adds the report, and makes the folder visible under its own.</summary>
    internal void MoveTo(string folder, string name, string reportExtension, byte[] report)
    {
        System.IO.File.WriteAllBytes(System.IO.Path.Combine(_folder, name + reportExtension), report);
        System.IO.File.Move(Path, System.IO.Path.Combine(_folder, name + ".onnx"));
        var card = System.IO.Path.Combine(_folder, Card);
        if (System.IO.File.Exists(card))
            System.IO.File.Move(card, System.IO.Path.Combine(_folder, name + ".json"));
        Directory.Move(_folder, folder);
        _isCommitted = true;
    }
}
