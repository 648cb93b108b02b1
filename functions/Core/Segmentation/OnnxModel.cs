using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// A loaded model. Its registry holds one reference and every request another; the session is closed when the last is given up.
/// </summary>
internal sealed class OnnxModel
{
    private readonly InferenceSession _session;
    private readonly ModelInput _input;
    private readonly IOutputDecoder _decoder;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly TimeSpan _maxRunTime;
    private readonly ConcurrentDictionary<int, ConcurrentBag<InputTensor>> _tensors = new();
    private ModelInfo _info;
    private long _latencyTicks;
    private int _references = 1;

    internal OnnxModel(
        InferenceSession session, ModelInput input, IOutputDecoder decoder, ModelInfo info, IReadOnlyList<string> classNames,
        ModelRegistryOptions settings)
    {
        _session = session;
        _input = input;
        _decoder = decoder;
        _info = info;
        MaxBatch = input.FixedBatch ?? settings.MaxBatch;
        _maxRunTime = TimeSpan.FromSeconds(settings.MaxRunSeconds);
        _inputNames = [input.Name];
        _outputNames = [.. session.OutputNames];
        ClassNames = classNames;
    }

    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Most slices of one run.</summary>
    public int MaxBatch { get; }

    public ModelInfo Info => _info with { Latency = TimeSpan.FromTicks(Interlocked.Read(ref _latencyTicks)) };

    /// <summary>Takes a reference unless the model has been closed.</summary>
    public bool TryAddReference()
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
                return true;
            references = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0)
            return;
        foreach (var tensor in _tensors.Values.SelectMany(bag => bag))
            tensor.Dispose();
        _session.Dispose();
    }

    public void CompleteLoad(TimeSpan loadTime) => _info = _info with { LoadTime = loadTime };

    /// <summary>Runs one batch, which starts with the slice at <paramref name="first"/>, and writes its results to the same places.</summary>
    /// <exception cref="ModelException">The network failed while it ran.</exception>
    public void SegmentBatch(
        IReadOnlyList<GreySlice> slices, int first, SegmentationOptions options, SegmentationResult[] results, CancellationToken cancellationToken)
    {
        var count = Math.Min(MaxBatch, slices.Count - first);
        var settings = new DecodeSettings(
            (float)(options.Confidence ?? _info.Card.DefaultConfidence ?? 0.25),
            (float)(options.IoU ?? _info.Card.NmsIou ?? 0.45),
            options.MaxDetections,
            ClassNames);
        var bag = _tensors.GetOrAdd(_input.FixedBatch ?? count, _ => []);
        if (!bag.TryTake(out var tensor))
            tensor = new InputTensor(_input, _input.FixedBatch ?? count);
        try
        {
            var letterboxes = new Letterbox[count];
            for (var i = 0; i < count; i++)
            {
                var slice = slices[first + i];
                letterboxes[i] = Letterbox.Fit(slice.Width, slice.Height, _input.Width, _input.Height);
                tensor.Write(i, slice, letterboxes[i]);
            }

            for (var i = count; i < tensor.Batch; i++)
                tensor.Clear(i);

            using var outputs = Run(tensor, cancellationToken, out var time);
            for (var i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var decoded = _decoder.Decode(outputs, i, letterboxes[i], settings, cancellationToken);
                var mask = new Imaging.Mask(decoded.Union, letterboxes[i].SourceWidth, letterboxes[i].SourceHeight);
                results[first + i] = new SegmentationResult(
                    decoded.Detections, mask, decoded.PeakConfidence, time / count, _info.Name, _info.Device);
            }
        }
        finally
        {
            bag.Add(tensor);
        }
    }

    private ModelOutputs Run(InputTensor tensor, CancellationToken cancellationToken, out TimeSpan time)
    {
        using var run = new RunOptions();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_maxRunTime);
        using var registration = limit.Token.Register(static state => ((RunOptions)state!).Terminate = true, run);
        ModelOutputs? read = null;
        try
        {
            var start = Stopwatch.GetTimestamp();
            var outputs = _session.Run(run, _inputNames, [tensor.Value], _outputNames);
            time = Stopwatch.GetElapsedTime(start);
            NoteLatency(time / tensor.Batch);
            read = new ModelOutputs(outputs);
            _decoder.CheckShapes(read, tensor.Batch);
            return read;
        }
        catch (Exception e) when (e is OnnxRuntimeException or FormatException)
        {
            read?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            var reason = limit.IsCancellationRequested ? $"it took longer than {_maxRunTime.TotalSeconds} s" : e.Message;
            throw new ModelException(ModelFault.Failed, $"模型 {_info.Name} 运行失败: {reason}", e);
        }
    }

    private void NoteLatency(TimeSpan time)
    {
        // Lost updates under concurrency do no harm to a mean.
        var mean = Interlocked.Read(ref _latencyTicks);
        Interlocked.Exchange(ref _latencyTicks, mean == 0 ? time.Ticks : mean + ((time.Ticks - mean) / 8));
    }
}
