using System.Globalization;
using System.Text.Json;
using TumorFunctions.Core.Segmentation.Trial;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// The folder of uploaded models. Each version of a model is a folder of its own, name~number, that holds name.onnx, its card
/// name.json where one came, and the report of its trial. It appears whole by one rename; the highest number is the model, so that
/// a newer version never touches the file that serves.
/// </summary>
/// <param name="directory">Made when first written to.</param>
public sealed class ModelUploads(string directory)
{
    private const char Separator = '~';
    private const string StagingPrefix = ".staging-";
    private const string ReportExtension = ".report";

    /// <summary>A place for an upload that nobody sees until it is committed.</summary>
    public StagedModel Stage()
    {
        var path = Path.Combine(directory, StagingPrefix + Guid.NewGuid().ToString("N"));
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new StagedModel(path);
    }

    /// <summary>Deletes what a killed process left: unfinished uploads and superseded versions. Call while nobody uploads.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(directory))
            return;
        foreach (var staging in Directory.EnumerateDirectories(directory, StagingPrefix + "*"))
            Delete(staging);
        foreach (var name in Versions().Select(version => version.Name).Distinct(StringComparer.OrdinalIgnoreCase).ToArray())
            DropOld(name);
    }

    /// <summary>The newest version of every model.</summary>
    internal IEnumerable<ModelFile> Files() => Versions()
        .GroupBy(version => version.Name, StringComparer.OrdinalIgnoreCase)
        .Select(versions => versions.MaxBy(version => version.Number))
        .Select(version => new ModelFile(version.Name, Path.Combine(version.Folder, version.Name + ".onnx"), IsUploaded: true));

    /// <summary>The report of the trial that let the file in.</summary>
    /// <exception cref="FormatException">It cannot be read: the folder was tampered with.</exception>
    internal static ModelReport ReadReport(ModelFile file)
    {
        try
        {
            using var stream = File.OpenRead(Path.ChangeExtension(file.Path, ReportExtension));
            return JsonSerializer.Deserialize<ModelReport>(stream, ModelLoader.CardFormat) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new FormatException($"the report of its trial cannot be read; upload the file again: {e.Message}", e);
        }
    }

    /// <summary>Makes a staged model the newest version of its name.</summary>
    internal ModelFile Commit(StagedModel staged, string name, ModelReport report)
    {
        var newest = Versions().Where(version => IsNamed(version, name)).Select(version => version.Number).DefaultIfEmpty(0).Max();
        var folder = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}{Separator}{newest + 1}"));
        staged.MoveTo(folder, name, ReportExtension, JsonSerializer.SerializeToUtf8Bytes(report, ModelLoader.CardFormat));
        return new ModelFile(name, Path.Combine(folder, name + ".onnx"), IsUploaded: true);
    }

    /// <summary>Takes back a version that was just committed: the one before it is the model again.</summary>
    internal static void TakeBack(ModelFile file) => Delete(Path.GetDirectoryName(file.Path)!);

    /// <summary>Deletes every version but the newest.</summary>
    internal void DropOld(string name)
    {
        foreach (var version in Versions().Where(version => IsNamed(version, name)).OrderByDescending(version => version.Number).Skip(1).ToArray())
            Delete(version.Folder);
    }

    /// <summary>Deletes every version, the oldest first: a crash in between leaves the model or nothing.</summary>
    internal void Remove(string name)
    {
        foreach (var version in Versions().Where(version => IsNamed(version, name)).OrderBy(version => version.Number).ToArray())
            Delete(version.Folder);
    }

    private IEnumerable<(string Name, int Number, string Folder)> Versions()
    {
        if (!Directory.Exists(directory))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(directory))
        {
            var parts = Path.GetFileName(folder).Split(Separator);
            if (parts is [var name, var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                yield return (name, number, folder);
        }
    }

    private static bool IsNamed((string Name, int Number, string Folder) version, string name) =>
        version.Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    // Renamed first: a folder that is half deleted must not be taken for a model.
    private static void Delete(string folder)
    {
        var doomed = Path.Combine(Path.GetDirectoryName(folder)!, StagingPrefix + Guid.NewGuid().ToString("N"));
        Directory.Move(folder, doomed);
        Directory.Delete(doomed, recursive: true);
    }
}
