using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TumorFunctions.Core.Tests.Segmentation;

namespace TumorFunctions.Benchmarks.Segmentation;

/// <summary>The model that ships, or where there is none a generated network with the same contract and a similar amount of work.</summary>
internal static class BenchmarkModel
{
    public const string Name = "Yolov11_best";

    private const int Side = 256;

    /// <summary>A directory that holds the model.</summary>
    public static string Folder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var models = Path.Combine(folder.FullName, "models");
            if (File.Exists(Path.Combine(models, Name + ".onnx")))
                return models;
        }

        var generated = Path.Combine(AppContext.BaseDirectory, "generated-models");
        Directory.CreateDirectory(generated);
        File.WriteAllBytes(Path.Combine(generated, Name + ".onnx"), Network());
        return generated;
    }

    /// <summary>A grey image as the session takes it.</summary>
    public static OrtValue InputFor(InferenceSession session)
    {
        var dims = session.InputMetadata.Values.First().Dimensions;
        var input = OrtValue.CreateAllocatedTensorValue(
            OrtAllocator.DefaultInstance, TensorElementType.Float, [.. dims.Select((d, i) => d > 0 ? d : i switch { 0 => 1L, 1 => 3, _ => Side })]);
        input.GetTensorMutableDataAsSpan<float>().Fill(0.3f);
        return input;
    }

    // Four strided convolutions give the prototypes' features; the predictions are a constant of one finding among 1344.
    private static byte[] Network()
    {
        const int Predictions = 1344, Coefficients = 32, Numbers = 5 + Coefficients;
        var random = new Random(1);
        var model = new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, Side, Side);
        var (last, channels) = ("images", 3);
        foreach (var (stride, width) in new[] { (2, 32), (2, 64), (1, 128), (1, 64), (1, Coefficients) })
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"conv{width}_{channels}");
            var weights = new float[width * channels * 9];
            for (var i = 0; i < weights.Length; i++)
                weights[i] = (random.NextSingle() - 0.5f) / channels;
            model.Constant(name + "_w", weights, width, channels, 3, 3)
                .Node("Conv", [last, name + "_w"], name + "_c", ("pads", new long[] { 1, 1, 1, 1 }), ("strides", new long[] { stride, stride }))
                .Node("Tanh", [name + "_c"], name);
            (last, channels) = (name, width);
        }

        var predictions = new float[Numbers * Predictions];
        float[] finding = [110, 120, 60, 70, 0.9f];
        for (var row = 0; row < Numbers; row++)
            predictions[(row * Predictions) + 700] = row < finding.Length ? finding[row] : random.NextSingle() - 0.5f;
        return model.Constant("p", predictions, 1, Numbers, Predictions)
            .Node("Identity", ["p"], "output0")
            .Node("Identity", [last], "output1")
            .Output("output0", OnnxWriter.F32, 1, Numbers, Predictions)
            .Output("output1", OnnxWriter.F32, 1, Coefficients, Side / 4, Side / 4)
            .Property("names", "{0: 'tumor'}")
            .ToArray();
    }
}
