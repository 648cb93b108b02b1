using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace TumorFunctions.Core.Segmentation;

/// <summary>The outputs of one run as float32; half precision is widened. Valid until disposed.</summary>
internal sealed class ModelOutputs : IDisposable
{
    private readonly IDisposableReadOnlyCollection<OrtValue> _values;
    private readonly long[][] _shapes;
    private readonly float[]?[] _widened;

    public ModelOutputs(IDisposableReadOnlyCollection<OrtValue> values)
    {
        _values = values;
        _shapes = new long[values.Count][];
        _widened = new float[values.Count][];
        for (var i = 0; i < values.Count; i++)
        {
            var info = values[i].GetTensorTypeAndShape();
            _shapes[i] = info.Shape;
            if (info.ElementDataType == TensorElementType.Float16)
            {
                var halves = MemoryMarshal.Cast<Float16, Half>(values[i].GetTensorDataAsSpan<Float16>());
                var floats = ArrayPool<float>.Shared.Rent(halves.Length);
                for (var k = 0; k < halves.Length; k++)
                    floats[k] = (float)halves[k];
                _widened[i] = floats;
            }
        }
    }

    public int Count => _values.Count;

    public ReadOnlySpan<long> Shape(int output) => _shapes[output];

    /// <summary>One batch item of an output whose first axis is the batch.</summary>
    public ReadOnlySpan<float> Item(int output, int item)
    {
        var length = 1L;
        foreach (var side in _shapes[output].AsSpan(1))
            length *= side;
        return All(output).Slice(checked((int)(item * length)), checked((int)length));
    }

    public ReadOnlySpan<float> All(int output)
    {
        var count = 1L;
        foreach (var side in _shapes[output])
            count *= side;
        return _widened[output] is { } floats ? floats.AsSpan(0, (int)count) : _values[output].GetTensorDataAsSpan<float>();
    }

    public void Dispose()
    {
        foreach (var floats in _widened)
        {
            if (floats is not null)
                ArrayPool<float>.Shared.Return(floats);
        }

        _values.Dispose();
    }
}
