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

    /// <exception cref="FormatException">An output is no tensor of floating-point numbers; the values are then disposed.</exception>
    public ModelOutputs(IDisposableReadOnlyCollection<OrtValue> values)
    {
        _values = values;
        _shapes = new long[values.Count][];
        _widened = new float[values.Count][];
        try
        {
            for (var i = 0; i < values.Count; i++)
                Read(i);
        }
        catch
        {
            Dispose();
            throw;
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

    private void Read(int output)
    {
        var value = _values[output];
        if (!value.IsTensor)
            throw new FormatException($"output {output} is {value.OnnxType} where a tensor was expected");
        var info = value.GetTensorTypeAndShape();
        _shapes[output] = info.Shape;
        if (info.ElementDataType == TensorElementType.Float)
            return;
        if (info.ElementDataType != TensorElementType.Float16)
            throw new FormatException($"output {output} holds {info.ElementDataType} where Float or Float16 was expected");
        var halves = MemoryMarshal.Cast<Float16, Half>(value.GetTensorDataAsSpan<Float16>());
        var floats = ArrayPool<float>.Shared.Rent(halves.Length);
        for (var k = 0; k < halves.Length; k++)
            floats[k] = (float)halves[k];
        _widened[output] = floats;
    }
}
