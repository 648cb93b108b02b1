namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>Models whose outputs are known by construction.</summary>
public static class TestModels
{
    /// <summary>
    /// Predictions and prototypes that do not depend on the image, [batch of 1].
    /// </summary>
    /// <param name="predictions">[numbers, count], or [count, numbers] where <paramref name="transposed"/>.</param>
    public static OnnxWriter Fixed(
        float[] predictions, int numbers, int count, float[] prototypes, int coefficients, int gridHeight, int gridWidth,
        int height, int width, bool transposed = false, bool prototypesFirst = false)
    {
        long[] shape = transposed ? [1, count, numbers] : [1, numbers, count];
        var model = new OnnxWriter()
            .Input("images", OnnxWriter.F32, 1, 3, height, width)
            .Constant("p", predictions, shape)
            .Constant("q", prototypes, 1, coefficients, gridHeight, gridWidth)
            .Node("Identity", ["p"], "output0")
            .Node("Identity", ["q"], "output1");
        void First() => model.Output("output0", OnnxWriter.F32, 1, (int)shape[1], (int)shape[2]);
        void Second() => model.Output("output1", OnnxWriter.F32, 1, coefficients, gridHeight, gridWidth);
        if (prototypesFirst)
        {
            Second();
            First();
        }
        else
        {
            First();
            Second();
        }

        return model;
    }

    /// <summary>
    /// Shows its input: one prediction over the whole input whose prototypes are the input's channels less a level, so that the
    /// mask is where the letterboxed image exceeds the level. Axes given as null are free.
    /// </summary>
    /// <param name="weights">What each channel counts for.</param>
    public static OnnxWriter Mirror(int? batch, int? height, int? width, int fullHeight, int fullWidth, float level, float[] weights, float score = 0.9f)
    {
        object Axis(int? length, string name) => length is { } number ? number : name;
        var channels = weights.Length;

        // Predictions are repeated for each item: their first axis is that of the input, by adding 0 × the items' means.
        float[] predictions = [fullWidth / 2f, fullHeight / 2f, fullWidth, fullHeight, score, .. weights];
        return new OnnxWriter()
            .Input("images", OnnxWriter.F32, Axis(batch, "batch"), channels, Axis(height, "height"), Axis(width, "width"))
            .Constant("p", predictions, 1, 5 + channels, 1)
            .Constant("level", [level], 1)
            .Constant("zero", [0f], 1)
            .Constant("shape", [0L, 1, 1], 3)
            .Node("ReduceMean", ["images"], "mean", ("axes", new long[] { 1, 2, 3 }), ("keepdims", 1L))
            .Node("Reshape", ["mean", "shape"], "item")
            .Node("Mul", ["item", "zero"], "nothing")
            .Node("Add", ["nothing", "p"], "output0")
            .Node("Sub", ["images", "level"], "output1")
            .Output("output0", OnnxWriter.F32, Axis(batch, "batch"), 5 + channels, 1)
            .Output("output1", OnnxWriter.F32, Axis(batch, "batch"), channels, Axis(height, "height"), Axis(width, "width"));
    }

    /// <summary>A directory of models that goes when the test ends.</summary>
    public sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("models-").FullName;

        public void Write(string file, byte[] content) => File.WriteAllBytes(System.IO.Path.Combine(Path, file), content);

        public void Write(string file, string content) => File.WriteAllText(System.IO.Path.Combine(Path, file), content);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
