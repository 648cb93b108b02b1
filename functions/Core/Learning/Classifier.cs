using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace TumorFunctions.Core.Learning;

/// <summary>
/// A fitted classifier. Two classes are told apart by one model of the positive one; of more, each has a model against all others, and
/// their probabilities are divided by their sum.
/// </summary>
public sealed class Classifier
{
    private const string DescriptionEntry = "classifier.json";

    private readonly MLContext _context;
    private readonly IReadOnlyList<ITransformer> _models;
    private readonly FeatureScaler _scaler;

    internal Classifier(MLContext context, IReadOnlyList<string> classes, FeatureScaler scaler, IReadOnlyList<ITransformer> models)
    {
        _context = context;
        _models = models;
        _scaler = scaler;
        Classes = classes;
    }

    /// <summary>Two, the positive one last, or more.</summary>
    public IReadOnlyList<string> Classes { get; }

    public int FeatureCount => _scaler.Means.Length;

    /// <param name="rows">Features in the order of training, not standardised.</param>
    public IReadOnlyList<ClassPrediction> Predict(IReadOnlyList<float[]> rows)
    {
        var data = Rows.Load(_context, rows.Select(row => new Row { Features = _scaler.Apply(row) }), FeatureCount);
        var columns = _models
            .Select(model => model.Transform(data).GetColumn<float>("Probability").ToArray())
            .ToArray();
        return [.. rows.Select((_, row) => Combine([.. columns.Select(column => (double)column[row])]))];
    }

    /// <summary>Writes everything needed to predict as one zip.</summary>
    public void Save(Stream destination)
    {
        using var zip = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        using (var description = zip.CreateEntry(DescriptionEntry).Open())
        {
            JsonSerializer.Serialize(description, new Description(Classes, _scaler));
        }

        var schema = Rows.Load(_context, [], FeatureCount).Schema;
        for (var i = 0; i < _models.Count; i++)
        {
            // The library needs a stream that it can seek in.
            using var model = new MemoryStream();
            _context.Model.Save(_models[i], schema, model);
            model.Position = 0;
            using var entry = zip.CreateEntry($"model{i}.zip").Open();
            model.CopyTo(entry);
        }
    }

    /// <param name="source">What <see cref="Save"/> wrote; files of other origin are not to be loaded.</param>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static Classifier Load(Stream source)
    {
        using var zip = new ZipArchive(source, ZipArchiveMode.Read, leaveOpen: true);
        var entry = zip.GetEntry(DescriptionEntry) ?? throw new InvalidDataException("The zip holds no classifier.");
        using var text = entry.Open();
        var description = JsonSerializer.Deserialize<Description>(text)
            ?? throw new InvalidDataException("The classifier's description is empty.");
        var context = new MLContext(seed: 0);
        var count = description.Classes.Count == 2 ? 1 : description.Classes.Count;
        return new Classifier(
            context, description.Classes, description.Scaler, [.. Enumerable.Range(0, count).Select(i => LoadModel(context, zip, i))]);
    }

    private static ITransformer LoadModel(MLContext context, ZipArchive zip, int number)
    {
        var entry = zip.GetEntry($"model{number}.zip")
            ?? throw new InvalidDataException($"The classifier lacks its model {number}.");
        using var seekable = new MemoryStream();
        using (var stream = entry.Open())
        {
            stream.CopyTo(seekable);
        }

        seekable.Position = 0;
        return context.Model.Load(seekable, out _);
    }

    private static ClassPrediction Combine(double[] positive)
    {
        double[] probabilities = positive.Length == 1 ? [1 - positive[0], positive[0]] : positive;
        var sum = probabilities.Sum();
        probabilities = [.. probabilities.Select(p => sum > 0 ? p / sum : 1.0 / probabilities.Length)];
        return new ClassPrediction(Array.IndexOf(probabilities, probabilities.Max()), probabilities);
    }

    private sealed record Description(IReadOnlyList<string> Classes, FeatureScaler Scaler);
}

internal sealed class Row
{
    public float[] Features { get; init; } = [];

    public bool Label { get; init; }
}

internal static class Rows
{
    public static IDataView Load(MLContext context, IEnumerable<Row> rows, int featureCount)
    {
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, featureCount);
        return context.Data.LoadFromEnumerable(rows, schema);
    }
}
