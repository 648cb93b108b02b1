using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace TumorFunctions.Core.Segmentation;

/// <summary>The network's input for one run, in the runtime's own memory; used again and again.</summary>
internal sealed class InputTensor : IDisposable
{
    private readonly ModelInput _input;
    private readonly int _plane;

    public InputTensor(ModelInput input, int batch)
    {
        _input = input;
        _plane = input.Width * input.Height;
        Batch = batch;
        Value = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance,
            input.IsHalf ? TensorElementType.Float16 : TensorElementType.Float,
            [batch, input.Channels, input.Height, input.Width]);
        for (var item = 0; item < batch; item++)
            Clear(item);
    }

    public int Batch { get; }

    public OrtValue Value { get; }

    /// <summary>Writes a slice into the place of one batch item, the same grey into every channel.</summary>
    public void Write(int item, in GreySlice slice, in Letterbox letterbox)
    {
        var length = _input.Channels * _plane;
        if (_input.IsHalf)
        {
            WriteHalf(slice, letterbox, MemoryMarshal.Cast<Float16, Half>(Value.GetTensorMutableDataAsSpan<Float16>()).Slice(item * length, length));
            return;
        }

        var planes = Value.GetTensorMutableDataAsSpan<float>().Slice(item * length, length);
        LetterboxWriter.Write(slice, letterbox, planes[.._plane]);
        for (var c = 1; c < _input.Channels; c++)
            planes[.._plane].CopyTo(planes[(c * _plane)..]);
    }

    /// <summary>Blanks the place of a batch item that no slice fills.</summary>
    public void Clear(int item)
    {
        var length = _input.Channels * _plane;
        if (_input.IsHalf)
            Value.GetTensorMutableDataAsSpan<Float16>().Slice(item * length, length).Clear();
        else
            Value.GetTensorMutableDataAsSpan<float>().Slice(item * length, length).Clear();
    }

    public void Dispose() => Value.Dispose();

    private void WriteHalf(in GreySlice slice, in Letterbox letterbox, Span<Half> planes)
    {
        var floats = ArrayPool<float>.Shared.Rent(_plane);
        try
        {
            var plane = floats.AsSpan(0, _plane);
            LetterboxWriter.Write(slice, letterbox, plane);
            for (var i = 0; i < plane.Length; i++)
                planes[i] = (Half)plane[i];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(floats);
        }

        for (var c = 1; c < _input.Channels; c++)
            planes[.._plane].CopyTo(planes[(c * _plane)..]);
    }
}
