using System.Collections.Concurrent;
using TumorFunctions.Core.Segmentation.Trial;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// The models of a directory, name.onnx with, beside it, the card name.json, and those that users uploaded. Names are matched
/// without regard to case; an uploaded model goes before one of the directory, so that an update of the app never changes what a
/// name in use stands for.
/// </summary>
/// <param name="directory">Is only read. May be missing or empty: then no models come with the app.</param>
/// <param name="uploads">Where uploaded models live; null where none are taken.</param>
/// <param name="examiner">Tries files out before this process loads them; null to load them as they are.</param>
public sealed class ModelRegistry(
    string directory, ModelRegistryOptions? options = null, ModelUploads? uploads = null, IModelExaminer? examiner = null) : IDisposable
{
    private const string Extension = ".onnx";

    private readonly ModelRegistryOptions _options = options ?? new ModelRegistryOptions();
    private readonly SemaphoreSlim _places = new(
        options is { MaxConcurrentRuns: > 0 } ? options.MaxConcurrentRuns : Math.Max(2, Environment.ProcessorCount));

    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new(StringComparer.OrdinalIgnoreCase);

    // What trials found, by path, for as long as file and card stay as they were.
    private readonly ConcurrentDictionary<string, (FileStamp Stamp, ModelReport Report)> _reports = new();
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Names of the models, in order.</summary>
    public IReadOnlyList<string> Names => [.. Files().Select(file => file.Name)];

    /// <summary>Whether a model is loaded and serves.</summary>
    public bool IsLoaded(string weightPath) =>
        ModelName.TryParse(weightPath, out var name) && _slots.TryGetValue(name, out var slot) && slot.IsLoaded;

    /// <summary>The file that a name or weight path stands for.</summary>
    /// <exception cref="ModelException">The model is unknown.</exception>
    public ModelFile Find(string weightPath) =>
        ModelName.TryParse(weightPath, out var name)
            ? Existing(name) ?? throw NotFound(name)
            : throw NotFound(weightPath);

    /// <summary>What is known of a model; loads it if it is not loaded yet.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelInfo> DescribeAsync(string weightPath, CancellationToken cancellationToken = default)
    {
        using var lease = await AcquireAsync(weightPath, cancellationToken).ConfigureAwait(false);
        return lease.Model.Info;
    }

    /// <summary>Reads a model anew. Requests in flight finish on the one they began with.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded; a model loaded before keeps serving.</exception>
    public async Task<ModelInfo> ReloadAsync(string weightPath, CancellationToken cancellationToken = default)
    {
        using var lease = await Slot(weightPath).ReloadAsync(cancellationToken).ConfigureAwait(false);
        return lease.Model.Info;
    }

    /// <summary>Every model, in the order of the names, those that cannot be used with the reason.</summary>
    public async Task<IReadOnlyList<ModelEntry>> ListAsync(CancellationToken cancellationToken = default)
    {
        List<ModelEntry> entries = [];
        foreach (var file in Files())
        {
            var info = new FileInfo(file.Path);
            if (!info.Exists)
                continue;
            var entry = new ModelEntry(file, info.Length, info.LastWriteTimeUtc, null, null, null, []);
            try
            {
                var (card, warnings) = await LookAsync(file, info, cancellationToken).ConfigureAwait(false);
                entries.Add(entry with { Card = card, Sha256 = card.Sha256, Warnings = warnings });
            }
            catch (ModelException e) when (e.Fault != ModelFault.NotFound)
            {
                entries.Add(entry with { Problem = e.Reason });
            }
            catch (ModelException)
            {
                // Removed while the list was made.
            }
        }

        return entries;
    }

    /// <summary>A place for an upload that nobody sees until it is added.</summary>
    /// <exception cref="InvalidOperationException">The registry takes no uploads.</exception>
    public StagedModel Stage() => TakingUploads.Stage();

    /// <summary>
    /// Tries an uploaded model out and lets it in. Where a model of that name is loaded the new version takes its place at once;
    /// requests in flight finish on the old one.
    /// </summary>
    /// <param name="name">As <see cref="ModelName.TryParse"/> gives it.</param>
    /// <exception cref="ModelException">
    /// The file was refused, or the name is <see cref="ModelFault.Taken"/>, or that of a model that came with the app. Nothing has changed then.
    /// </exception>
    /// <exception cref="InvalidOperationException">The registry takes no uploads.</exception>
    public async Task<ModelEntry> AddAsync(StagedModel staged, string name, bool overwrite, CancellationToken cancellationToken = default)
    {
        var folder = TakingUploads;
        CheckFree(name, overwrite);
        var report = await ExamineAsync(name, staged.Path, cancellationToken).ConfigureAwait(false);
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // The trial took its time.
            CheckFree(name, overwrite);
            var file = folder.Commit(staged, Existing(name)?.Name ?? name, report);
            try
            {
                if (IsLoaded(name))
                    await ReloadAsync(name, CancellationToken.None).ConfigureAwait(false);
            }
            catch (ModelException)
            {
                ModelUploads.TakeBack(file);
                throw;
            }

            folder.DropOld(name);
            return new ModelEntry(file, report.Length, File.GetLastWriteTimeUtc(file.Path), report.Card, report.Sha256, null, report.Warnings);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Deletes an uploaded model. Requests in flight finish on it.</summary>
    /// <exception cref="ModelException">The model is unknown, or came with the app.</exception>
    public async Task RemoveAsync(string weightPath, CancellationToken cancellationToken = default)
    {
        await _changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var file = Find(weightPath);
            if (!file.IsUploaded)
                throw ShipsWithApp(file.Name);
            uploads!.Remove(file.Name);
            if (_slots.TryRemove(file.Name, out var slot))
                await slot.RetireAsync().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Gives up the models; those in use are closed when their requests end.</summary>
    public void Dispose()
    {
        foreach (var slot in _slots.Values)
            slot.Dispose();
        _changing.Dispose();
    }

    internal Task<ModelLease> AcquireAsync(string weightPath, CancellationToken cancellationToken) =>
        Slot(weightPath).AcquireAsync(cancellationToken);

    /// <summary>Does a batch's work as soon as there is a place for it; what waits holds no thread.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before a place was free.</exception>
    internal async Task RunAsync(Action work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private ModelSlot Slot(string weightPath)
    {
        if (!ModelName.TryParse(weightPath, out var name))
            throw NotFound(weightPath);
        return _slots.TryGetValue(name, out var slot)
            ? slot
            : _slots.GetOrAdd(Find(name).Name, key => new ModelSlot(() => LoadAsync(key)));
    }

    private async Task<OnnxModel> LoadAsync(string name)
    {
        var file = Find(name);
        var report = file.IsUploaded ? ReadReport(file) : null;

        // Loading is synchronous work of seconds; a trial within it holds the thread that the load has for itself.
        return await Task.Run(() => ModelLoader.Load(name, file.Path, _options, TryOut)).ConfigureAwait(false);

        int TryOut(string sha256, bool isNamedByCard)
        {
            if (examiner is null || (_options.TrustCards && isNamedByCard && !file.IsUploaded))
                return _options.MaxBatch;
            var known = report?.Sha256 == sha256 ? report : ReportAsync(file, CancellationToken.None).GetAwaiter().GetResult();
            return known.Sha256 == sha256
                ? known.MaxBatch
                : throw ModelException.Invalid(name, "the file changed while it was tried out");
        }
    }

    private async Task<(ModelCard Card, IReadOnlyList<string> Warnings)> LookAsync(
        ModelFile file, FileInfo info, CancellationToken cancellationToken)
    {
        if (file.IsUploaded)
        {
            var report = ReadReport(file);
            return report.Length == info.Length
                ? (report.Card, report.Warnings)
                : throw ModelException.Invalid(file.Name, $"the file has {info.Length} bytes; {report.Length} were uploaded");
        }

        if (examiner is null || IsLoaded(file.Name))
        {
            var loaded = await DescribeAsync(file.Name, cancellationToken).ConfigureAwait(false);
            return (loaded.Card, loaded.Warnings);
        }

        var found = await ReportAsync(file, cancellationToken).ConfigureAwait(false);
        return (found.Card, found.Warnings);
    }

    private async Task<ModelReport> ReportAsync(ModelFile file, CancellationToken cancellationToken)
    {
        var stamp = FileStamp.Of(file);
        if (_reports.TryGetValue(file.Path, out var known) && known.Stamp == stamp)
            return known.Report;
        var report = await ExamineAsync(file.Name, file.Path, cancellationToken).ConfigureAwait(false);
        _reports[file.Path] = (stamp, report);
        return report;
    }

    private async Task<ModelReport> ExamineAsync(string name, string path, CancellationToken cancellationToken)
    {
        if (examiner is not null)
            return await examiner.ExamineAsync(name, path, cancellationToken).ConfigureAwait(false);
        var model = await Task.Run(() => ModelLoader.Load(name, path, _options), cancellationToken).ConfigureAwait(false);
        model.Release();
        return ModelReport.Of(model, path, model.MaxBatch);
    }

    private void CheckFree(string name, bool overwrite)
    {
        if (Existing(name) is not { } existing)
            return;
        if (!existing.IsUploaded)
            throw ShipsWithApp(existing.Name);
        if (!overwrite)
            throw new ModelException(ModelFault.Taken, $"模型 {existing.Name} 已存在");
    }

    private ModelUploads TakingUploads => uploads ?? throw new InvalidOperationException("This registry takes no uploads.");

    private ModelFile? Existing(string name) => Files().FirstOrDefault(file => file.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private IEnumerable<ModelFile> Files() => (uploads?.Files() ?? [])
        .Concat(DirectoryFiles())
        .DistinctBy(file => file.Name, StringComparer.OrdinalIgnoreCase)
        .OrderBy(file => file.Name, StringComparer.OrdinalIgnoreCase);

    private IEnumerable<ModelFile> DirectoryFiles() => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory)
            .Where(path => Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase))
            .Select(path => new ModelFile(Path.GetFileNameWithoutExtension(path), path, IsUploaded: false))
        : [];

    private static ModelReport ReadReport(ModelFile file)
    {
        try
        {
            return ModelUploads.ReadReport(file);
        }
        catch (FormatException e)
        {
            throw ModelException.Invalid(file.Name, e.Message, e);
        }
    }

    private static ModelException ShipsWithApp(string name) =>
        new(ModelFault.ReadOnly, $"模型 {name} 随应用发布，不能替换或删除");

    private static ModelException NotFound(string weightPath)
    {
        const int Shown = 100;
        return new ModelException(ModelFault.NotFound, $"无法找到权重文件: {(weightPath.Length > Shown ? weightPath[..Shown] + "…" : weightPath)}");
    }

    private readonly record struct FileStamp(long Length, DateTime Written, DateTime CardWritten)
    {
        public static FileStamp Of(ModelFile file)
        {
            var info = new FileInfo(file.Path);
            return new FileStamp(info.Exists ? info.Length : 0, info.LastWriteTimeUtc, File.GetLastWriteTimeUtc(file.CardPath));
        }
    }
}
