using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace TumorFunctions.Core.Segmentation;

/// <summary>The network's one input, [batch, channels, height, width].</summary>
/// <param name="FixedBatch">Slices that every run takes; null where the axis is free.</param>
internal sealed record ModelInput(string Name, int? FixedBatch, int Channels, int Height, int Width, bool IsHalf)
{
    private const int DefaultSide = 640;
    private const int DefaultStride = 32;
    private const int MaxSide = 4096;
    private const int MaxBatch = 64;

    /// <exception cref="FormatException">The inputs are not those of an image network; the message says why.</exception>
    public static ModelInput Of(InferenceSession session, ModelCard card, ModelMetadata metadata)
    {
        if (session.InputMetadata.Count != 1)
            throw new FormatException($"inputs {string.Join(", ", session.InputNames)} where one image input was expected");
        var (name, node) = session.InputMetadata.First();
        if (!node.IsTensor || node.ElementDataType is not (TensorElementType.Float or TensorElementType.Float16) || node.Dimensions.Length != 4)
        {
            var shape = node.IsTensor ? $"{node.ElementDataType} [{string.Join(", ", node.Dimensions)}]" : node.OnnxValueType.ToString();
            throw new FormatException($"input {name} is {shape} where Float or Float16 [1, 3, H, W] was expected");
        }

        int batch = node.Dimensions[0], channels = node.Dimensions[1] < 0 ? 3 : node.Dimensions[1];
        if (channels is not (1 or 3) && node.Dimensions[3] is 1 or 3)
            throw new FormatException($"input {name} is [{string.Join(", ", node.Dimensions)}], channels last (NHWC); export it channels first (NCHW)");
        if (channels is not (1 or 3) || batch is 0 or > MaxBatch)
            throw new FormatException($"input {name} is [{string.Join(", ", node.Dimensions)}]; 1 or 3 channels and a batch of at most {MaxBatch} are served");

        var stated = card.InputSize is { Count: 2 } size ? (Height: size[0], Width: size[1]) : metadata.ImageSize ?? (DefaultSide, DefaultSide);
        var stride = metadata.Stride ?? DefaultStride;
        var height = node.Dimensions[2] < 0 ? RoundUp(stated.Height, stride) : node.Dimensions[2];
        var width = node.Dimensions[3] < 0 ? RoundUp(stated.Width, stride) : node.Dimensions[3];
        if (height is < 1 or > MaxSide || width is < 1 or > MaxSide)
            throw new FormatException($"input {name} is {height}×{width}; sides from 1 to {MaxSide} are served");
        return new ModelInput(name, batch < 0 ? null : batch, channels, height, width, node.ElementDataType == TensorElementType.Float16);
    }

    private static int RoundUp(int side, int stride) => (int)Math.Min(((long)side + stride - 1) / stride * stride, int.MaxValue);
}
