using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace TumorFunctions.Core.Segmentation;

/// <summary>One warm session of a model. Thread-safe; disposed when the last lease of it ends.</summary>
internal sealed partial class LoadedModel : IDisposable
{
    private const int DefaultSide = 640;
    private const int MaxSide = 4096;
    private const int LatencyWindow = 64;

    private readonly InferenceSession _session;
    private readonly YoloDecoder _decoder;
    private readonly ConcurrentBag<OrtValue> _inputs = [];
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly SemaphoreSlim _lanes;
    private readonly string _inputName;
    private readonly string[] _outputNames;
    private readonly int _channels;
    private readonly int _height;
    private readonly int _width;
    private int _leases = 1;

    /// <exception cref="ModelException">The file is no model of the contract; the message says why.</exception>
    public LoadedModel(string name, string path, ModelCard? card)
    {
        Name = name;
        Path = path;
        UpdatedAt = File.GetLastWriteTimeUtc(path);
        try
        {
            (_session, Device) = SessionFactory.Open(path);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelException($"{System.IO.Path.GetFileName(path)} is not a usable ONNX model: {exception.Message}", exception);
        }

        try
        {
            var metadata = _session.ModelMetadata.CustomMetadataMap;
            var (inputName, input) = Single(_session.InputMetadata, "input");
            _inputName = inputName;
            _channels = ChannelsOf(input);
            (_height, _width) = SizeOf(input.Dimensions, card, metadata);
            _outputNames = OutputsOf(_session.OutputMetadata);
            var classes = card?.Classes is { Count: > 0 } named ? named : ParseNames(metadata.GetValueOrDefault("names"));
            _decoder = new YoloDecoder(classes ?? ["tumor"]);
            Card = (card ?? new ModelCard { Name = name }) with { Classes = classes ?? ["tumor"], InputSize = [_height, _width] };
            _lanes = new SemaphoreSlim(SessionFactory.ConcurrentRuns);
            WarmUp();
        }
        catch (OnnxRuntimeException exception)
        {
            _session.Dispose();
            throw new ModelException($"{System.IO.Path.GetFileName(path)} fails on a blank image: {exception.Message}", exception);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public string Path { get; }

    public ModelCard Card { get; }

    /// <summary>cpu or cuda.</summary>
    public string Device { get; }

    public DateTime UpdatedAt { get; }

    /// <summary>Median of the latest runs in milliseconds.</summary>
    public double? LatencyMs
    {
        get
        {
            var latest = _latencies.ToArray();
            Array.Sort(latest);
            return latest.Length == 0 ? null : latest[latest.Length / 2];
        }
    }

    public async Task<SegmentationResult> SegmentAsync(GreySlice slice, SegmentationOptions options, CancellationToken cancellationToken)
    {
        await _lanes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return Segment(slice, options);
        }
        catch (OnnxRuntimeException exception)
        {
            throw new ModelException($"Model {Name} failed: {exception.Message}", exception);
        }
        finally
        {
            _lanes.Release();
        }
    }

    /// <summary>Takes a lease unless the last one has ended.</summary>
    public bool TryLease()
    {
        for (var leases = Volatile.Read(ref _leases); leases > 0; leases = Volatile.Read(ref _leases))
        {
            if (Interlocked.CompareExchange(ref _leases, leases + 1, leases) == leases)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends a lease; the first one is the registry's own.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _leases) == 0)
        {
            foreach (var input in _inputs)
            {
                input.Dispose();
            }

            _session.Dispose();
            _lanes.Dispose();
        }
    }

    private SegmentationResult Segment(GreySlice slice, SegmentationOptions options)
    {
        var letterbox = Letterbox.Fit(slice.Width, slice.Height, _width, _height);
        if (!_inputs.TryTake(out var input))
        {
            input = OrtValue.CreateAllocatedTensorValue(
                OrtAllocator.DefaultInstance, TensorElementType.Float, [1, _channels, _height, _width]);
        }

        try
        {
            letterbox.Fill(slice.Pixels.Span, input.GetTensorMutableDataAsSpan<float>(), _channels);
            using var run = new RunOptions();
            var clock = Stopwatch.GetTimestamp();
            using var outputs = _session.Run(run, [_inputName], [input], _outputNames);
            var elapsed = Stopwatch.GetElapsedTime(clock);
            Record(elapsed);
            return _decoder.Decode(outputs[0], outputs[1], 0, letterbox, options, elapsed);
        }
        finally
        {
            _inputs.Add(input);
        }
    }

    private void WarmUp()
    {
        var blank = new GreySlice(new byte[_width * _height], _width, _height);
        Segment(blank, new SegmentationOptions());

        // The first run pays for allocations; the second says what a run costs.
        _latencies.Clear();
        Segment(blank, new SegmentationOptions());
    }

    private void Record(TimeSpan elapsed)
    {
        _latencies.Enqueue(elapsed.TotalMilliseconds);
        while (_latencies.Count > LatencyWindow)
        {
            _latencies.TryDequeue(out _);
        }
    }

    private static (string Name, NodeMetadata Node) Single(IReadOnlyDictionary<string, NodeMetadata> nodes, string what) =>
        nodes.Count == 1
            ? (nodes.First().Key, nodes.First().Value)
            : throw new ModelException($"The model has {nodes.Count} {what}s; it must have one.");

    private static int ChannelsOf(NodeMetadata input)
    {
        if (!input.IsTensor || input.ElementDataType != TensorElementType.Float || input.Dimensions.Length != 4
            || input.Dimensions[1] is not (1 or 3) || input.Dimensions[0] > 1)
        {
            throw new ModelException(
                $"The model's input is {input.ElementDataType} [{string.Join(", ", input.Dimensions)}]; it must be Float [1, 3 or 1, H, W].");
        }

        return input.Dimensions[1];
    }

    private static (int Height, int Width) SizeOf(
        int[] dimensions, ModelCard? card, IReadOnlyDictionary<string, string> metadata)
    {
        var stated = card?.InputSize is [var cardHeight, var cardWidth] ? [cardHeight, cardWidth] : ParseSize(metadata.GetValueOrDefault("imgsz"));
        var height = dimensions[2] > 0 ? dimensions[2] : stated?[0] ?? DefaultSide;
        var width = dimensions[3] > 0 ? dimensions[3] : stated?[1] ?? DefaultSide;
        return height is > 0 and <= MaxSide && width is > 0 and <= MaxSide
            ? (height, width)
            : throw new ModelException($"The model's input of {height}×{width} is outside of 1 to {MaxSide} pixels.");
    }

    // Rows of candidates first, prototypes second, whatever their order in the file.
    private static string[] OutputsOf(IReadOnlyDictionary<string, NodeMetadata> outputs)
    {
        var rows = outputs.Where(output => IsFloat(output.Value, 3)).Select(output => output.Key).ToArray();
        var prototypes = outputs.Where(output => IsFloat(output.Value, 4)).Select(output => output.Key).ToArray();
        return rows.Length == 1 && prototypes.Length == 1
            ? [rows[0], prototypes[0]]
            : throw new ModelException(
                "The model must have one output [1, 4 + classes + 32, N] and one output [1, 32, H/4, W/4]; it has "
                + string.Join(", ", outputs.Select(output => $"{output.Key} [{string.Join(", ", output.Value.Dimensions ?? [])}]")) + ".");
    }

    private static bool IsFloat(NodeMetadata node, int rank) =>
        node.IsTensor && node.ElementDataType == TensorElementType.Float && node.Dimensions.Length == rank;

    /// <summary>The exporter writes a Python dict: {0: 'tumor', 1: "other"}.</summary>
    private static string[]? ParseNames(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var names = NameEntry().Matches(text)
            .ToDictionary(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture), match => match.Groups[3].Value);
        return names.Count > 0 && Enumerable.Range(0, names.Count).All(names.ContainsKey)
            ? [.. Enumerable.Range(0, names.Count).Select(index => names[index])]
            : null;
    }

    /// <summary>[height, width], or one number for both.</summary>
    private static int[]? ParseSize(string? text)
    {
        var numbers = Number().Matches(text ?? "").Select(match => int.Parse(match.ValueSpan, CultureInfo.InvariantCulture)).ToArray();
        return numbers switch
        {
            [var side] => [side, side],
            [var height, var width] => [height, width],
            _ => null,
        };
    }

    [GeneratedRegex("""(\d{1,4})\s*:\s*(['"])(.*?)\2""")]
    private static partial Regex NameEntry();

    [GeneratedRegex(@"\d{1,5}")]
    private static partial Regex Number();
}
