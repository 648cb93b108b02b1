using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

public sealed class InferenceTests : IDisposable
{
    private readonly TestModels.Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(64, 64, 64, 64)]
    [InlineData(512, 512, 320, 320)]
    [InlineData(130, 77, 64, 64)]
    [InlineData(77, 131, 96, 64)]
    [InlineData(33, 33, 64, 64)]
    [InlineData(1, 1, 32, 32)]
    [InlineData(1, 200, 32, 32)]
    [InlineData(201, 1, 32, 64)]
    [InlineData(2, 3, 32, 32)]
    public async Task The_network_sees_the_letterboxed_slice(int width, int height, int inputWidth, int inputHeight)
    {
        var slice = RandomSlice(width, height, seed: width + (7 * height));
        var expected = NaiveReference.Letterbox(slice, inputWidth, inputHeight);
        foreach (var channel in Enumerable.Range(0, 3))
        {
            // A level between two whole greys leaves no room for rounding.
            var level = 100.5f;
            float[] weights = [0, 0, 0];
            weights[channel] = 1;
            var result = await SegmentAsync(
                TestModels.Mirror(1, inputHeight, inputWidth, inputHeight, inputWidth, level / 255, weights).ToArray(), slice);

            // What a source pixel shows depends on the input alone where the network's input is the grid itself.
            var signs = new float[inputHeight * inputWidth];
            for (var i = 0; i < signs.Length; i++)
                signs[i] = (expected[i / inputWidth, i % inputWidth] - level) / 255;
            var finding = new NaiveReference.Finding(0, 0.9f, [0, 0, inputWidth, inputHeight], [1f]);
            var logits = NaiveReference.MaskLogits(finding, signs, inputWidth, inputHeight, slice, inputWidth, inputHeight);
            NaiveReference.AssertMask(logits, result.Mask.Voxels, zeroIsOutside: false);
        }
    }

    [Theory]
    [InlineData(512, 512, 640, 640, 0, 0)]
    [InlineData(810, 1080, 640, 640, 80, 0)]
    [InlineData(1280, 719, 640, 640, 0, 140)]
    public async Task Boxes_return_through_the_letterbox(int width, int height, int inputWidth, int inputHeight, int left, int top)
    {
        // A box that covers exactly the image inside the letterbox comes back as the whole image.
        var ratio = Math.Min((float)inputWidth / width, (float)inputHeight / height);
        float w = width * ratio, h = height * ratio;
        float[] predictions = [left + (w / 2), top + (h / 2), w, h, 0.8f, 1f];
        var model = TestModels.Fixed(predictions, 6, 1, [1f], 1, 1, 1, inputHeight, inputWidth);
        var result = await SegmentAsync(model.ToArray(), RandomSlice(width, height, 1));
        var box = Assert.Single(result.Detections).Box;
        Assert.Equal(0, box.X0, 0.001f);
        Assert.Equal(0, box.Y0, 0.001f);
        Assert.Equal(width, box.X1, 0.001f);
        Assert.Equal(height, box.Y1, 0.001f);
    }

    [Theory]
    [InlineData(1, 1, 8, 512, 512, 320, 320)]
    [InlineData(2, 3, 32, 300, 200, 64, 96)]
    [InlineData(3, 80, 4, 61, 47, 64, 64)]
    [InlineData(4, 2, 32, 1, 1, 32, 32)]
    [InlineData(5, 1, 32, 17, 640, 128, 128)]
    public async Task Findings_equal_the_naive_reference(
        int seed, int classes, int coefficients, int width, int height, int inputWidth, int inputHeight)
    {
        const int Count = 203;
        var random = new Random(seed);
        var (predictions, prototypes) = RandomOutputs(random, Count, classes, coefficients, inputWidth, inputHeight);
        int gridWidth = inputWidth / 4, gridHeight = inputHeight / 4;
        var slice = RandomSlice(width, height, seed);
        var place = NaiveReference.Place(width, height, inputWidth, inputHeight);
        var numbers = 4 + classes + coefficients;
        foreach (var transposed in new[] { false, true })
        {
            var laidOut = transposed ? Transpose(predictions, numbers, Count) : predictions;
            var model = TestModels.Fixed(
                laidOut, numbers, Count, prototypes, coefficients, gridHeight, gridWidth, inputHeight, inputWidth, transposed, prototypesFirst: transposed);
            model.Property("names", "{" + string.Join(", ", Enumerable.Range(0, classes).Select(c => $"{c}: 'tissue {c}'")) + "}");
            foreach (var (confidence, limit, most) in new[] { (0.25, 0.45, 300), (0.0, 0.7, 5), (0.6, 0.0, 300), (0.995, 0.45, 300) })
            {
                var result = await SegmentAsync(model.ToArray(), slice, new SegmentationOptions(confidence, limit, most));
                var expected = NaiveReference.Detect(predictions, Count, classes, coefficients, (float)confidence, (float)limit, most);
                Assert.Equal(expected.Select(f => (f.ClassId, f.Score)), result.Detections.Select(d => (d.ClassId, d.Confidence)));
                Assert.Equal(expected.Select(f => $"tissue {f.ClassId}"), result.Detections.Select(d => d.ClassName));
                var union = new byte[width * height];
                foreach (var (finding, detection) in expected.Zip(result.Detections))
                {
                    AssertBox(finding.Box, place, width, height, detection.Box);
                    var logits = NaiveReference.MaskLogits(finding, prototypes, gridWidth, gridHeight, slice, inputWidth, inputHeight);
                    var mask = detection.Mask.ToMask(width, height).Voxels;
                    NaiveReference.AssertMask(logits, mask);
                    Assert.Equal(mask.Sum(v => v), detection.Mask.Area);
                    for (var i = 0; i < mask.Length; i++)
                        union[i] |= mask[i];
                }

                Assert.Equal(union, result.Mask.Voxels);
                Assert.Equal(Enumerable.Range(4 * Count, classes * Count).Max(i => predictions[i]), result.PeakConfidence);
            }
        }
    }

    [Fact]
    public async Task A_mask_may_reach_one_grid_cell_beyond_its_box_and_no_farther()
    {
        // Logit 1 in a box of 8×8 input pixels from (8, 8), which is 2×2 cells of a 8×8 grid over 32×32 pixels.
        float[] predictions = [12, 12, 8, 8, 0.9f, 1];
        var model = TestModels.Fixed(predictions, 6, 1, [.. Enumerable.Repeat(1f, 64)], 1, 8, 8, 32, 32);
        var result = await SegmentAsync(model.ToArray(), RandomSlice(32, 32, 1));

        // Half a cell outwards the interpolated logit falls from 1 to 0, and is 0 from the centre of the next cell on.
        for (var y = 0; y < 32; y++)
            for (var x = 0; x < 32; x++)
                Assert.Equal(x is >= 6 and < 18 && y is >= 6 and < 18, result.Mask.Voxels[(y * 32) + x] == 1);
    }

    [Fact]
    public async Task Logit_zero_lies_outside_of_the_mask()
    {
        float[] predictions = [16, 16, 32, 32, 0.9f, 1];
        var model = TestModels.Fixed(predictions, 6, 1, new float[64], 1, 8, 8, 32, 32);
        var result = await SegmentAsync(model.ToArray(), RandomSlice(32, 32, 1));
        Assert.Equal(0, Assert.Single(result.Detections).Mask.Area);
        Assert.True(result.Mask.IsEmpty);
    }

    [Fact]
    public async Task A_score_equal_to_the_threshold_does_not_count()
    {
        float[] predictions = [16, 16, 8, 8, 0.5f, 1];
        var model = TestModels.Fixed(predictions, 6, 1, [.. Enumerable.Repeat(1f, 64)], 1, 8, 8, 32, 32).ToArray();
        Assert.Empty((await SegmentAsync(model, RandomSlice(9, 9, 1), new SegmentationOptions(0.5))).Detections);
        Assert.Single((await SegmentAsync(model, RandomSlice(9, 9, 1), new SegmentationOptions(0.49))).Detections);
    }

    [Fact]
    public async Task Boxes_of_two_classes_do_not_suppress_each_other()
    {
        // The same box three times: class 0 twice, class 1 once.
        float[] predictions =
        [
            16, 16, 16,
            16, 16, 16,
            8, 8, 8,
            8, 8, 8,
            0.9f, 0.8f, 0,
            0, 0, 0.7f,
            1, 1, 1,
        ];
        var model = TestModels.Fixed(predictions, 7, 3, [.. Enumerable.Repeat(1f, 64)], 1, 8, 8, 32, 32).Property("names", "['a', 'b']");
        var result = await SegmentAsync(model.ToArray(), RandomSlice(32, 32, 1));
        Assert.Equal([("a", 0.9f), ("b", 0.7f)], result.Detections.Select(d => (d.ClassName, d.Confidence)));
    }

    [Fact]
    public async Task Numbers_that_are_none_are_passed_over()
    {
        float[] predictions =
        [
            16, float.NaN, 16, float.NaN, 16,
            16, 16, 16, 16, 16,
            8, 8, 8, 8, float.NaN,
            8, 8, 8, 8, 8,
            float.NaN, 0.9f, 0.8f, 0.7f, 0.6f,
            1, 1, 1, 1, 1,
        ];
        foreach (var transposed in new[] { false, true })
        {
            var numbers = transposed ? Transpose(predictions, 6, 5) : predictions;
            var result = await SegmentAsync(NoneForWhite(numbers, transposed ? [1, 5, 6] : [1, 6, 5]), White(32, 32));
            Assert.Equal(0.8f, Assert.Single(result.Detections).Confidence);
        }
    }

    // The numbers that are none come as 0 / (1 - mean of the image): a trial on other images does not meet them.
    private static byte[] NoneForWhite(float[] predictions, long[] shape) => new OnnxWriter()
        .Input("images", OnnxWriter.F32, 1, 3, 32, 32)
        .Constant("p", [.. predictions.Select(value => float.IsNaN(value) ? 0 : value)], shape)
        .Tensor("none", OnnxWriter.Flag, [.. predictions.Select(value => float.IsNaN(value) ? (byte)1 : (byte)0)], shape)
        .Constant("q", [.. Enumerable.Repeat(1f, 64)], 1, 1, 8, 8)
        .Constant("zero", [0f], 1)
        .Constant("one", [1f], 1)
        .Node("ReduceMean", ["images"], "mean", ("keepdims", 0L))
        .Node("Sub", ["one", "mean"], "rest")
        .Node("Div", ["zero", "rest"], "number")
        .Node("Where", ["none", "number", "p"], "output0")
        .Node("Identity", ["q"], "output1")
        .Output("output0", OnnxWriter.F32, 1, (int)shape[1], (int)shape[2])
        .Output("output1", OnnxWriter.F32, 1, 1, 8, 8)
        .Property("names", "{0: 'tumor'}")
        .ToArray();

    private static GreySlice White(int width, int height)
    {
        var pixels = new byte[width * height];
        Array.Fill(pixels, byte.MaxValue);
        return new GreySlice(pixels, width, height);
    }

    [Fact]
    public async Task A_network_that_suppresses_by_itself_is_read_as_corners()
    {
        // x0, y0, x1, y1, score, class, coefficient; two equal boxes stay two.
        float[] rows = [4, 8, 20, 24, 0.9f, 1, 1, 4, 8, 20, 24, 0.8f, 1, -1, 0, 0, 0, 0, 0, 0, 0];
        var model = TestModels.Fixed(rows, 7, 3, [.. Enumerable.Repeat(1f, 64)], 1, 8, 8, 32, 32, transposed: true)
            .Property("names", "{0: 'a', 1: 'b'}").Property("args", "{'batch': 1, 'nms': True}");
        var result = await SegmentAsync(model.ToArray(), RandomSlice(32, 32, 1));
        Assert.Equal([0.9f, 0.8f], result.Detections.Select(d => d.Confidence));
        Assert.All(result.Detections, d => Assert.Equal(("b", new BoundingBox(4, 8, 20, 24)), (d.ClassName, d.Box)));
        Assert.True(result.Detections[0].Mask.Area > 0);
        Assert.Equal(0, result.Detections[1].Mask.Area);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(null)]
    public async Task A_volume_gives_each_slice_its_own_answer(int? batch)
    {
        // Eleven slices of several sizes: no multiple of any batch.
        var slices = Enumerable.Range(0, 11).Select(i => RandomSlice(20 + (3 * i), 40 - (2 * i), i)).ToArray();
        _folder.Write("m.onnx", TestModels.Mirror(batch, 32, 32, 32, 32, 0.5f, [1, 0, 0]).ToArray());
        using var registry = new ModelRegistry(_folder.Path);
        var engine = new OnnxSegmentationEngine(registry);
        var together = await engine.SegmentAsync("m", slices);
        for (var i = 0; i < slices.Length; i++)
        {
            var alone = Assert.Single(await engine.SegmentAsync("m", [slices[i]]));
            Assert.False(alone.Mask.IsEmpty);
            Assert.Equal((slices[i].Width, slices[i].Height), (together[i].Mask.Width, together[i].Mask.Height));
            Assert.Equal(alone.Mask.Voxels, together[i].Mask.Voxels);
        }

        Assert.Empty(await engine.SegmentAsync("m", []));
    }

    [Fact]
    public async Task Free_axes_take_the_size_that_the_file_states_rounded_up_to_its_stride()
    {
        var model = TestModels.Mirror(null, null, null, 96, 64, 0.5f, [1, 0, 0])
            .Property("imgsz", "[90, 60]").Property("stride", "32").ToArray();
        var slice = RandomSlice(50, 70, 3);
        var result = await SegmentAsync(model, slice);
        var expected = NaiveReference.Letterbox(slice, 64, 96);
        var grid = new float[96 * 64];
        for (var i = 0; i < grid.Length; i++)
            grid[i] = (expected[i / 64, i % 64] / 255) - 0.5f;
        NaiveReference.AssertMask(NaiveReference.MaskLogits(new(0, 0.9f, [0, 0, 64, 96], [1]), grid, 64, 96, slice, 64, 96), result.Mask.Voxels, zeroIsOutside: false);
        using var registry = new ModelRegistry(_folder.Path);
        Assert.Equal([96, 64], (await registry.DescribeAsync("m")).Card.InputSize);
    }

    [Fact]
    public async Task Half_precision_is_served()
    {
        float[] predictions = [16, 16, 16, 16, 0.5f, 1];
        static byte[] Halves(float[] values) => [.. values.SelectMany(v => BitConverter.GetBytes((Half)v))];
        var model = new OnnxWriter()
            .Input("images", OnnxWriter.F16, 1, 3, 32, 32)
            .Tensor("p", OnnxWriter.F16, Halves(predictions), 1, 6, 1)
            .Tensor("level", OnnxWriter.F16, Halves([0.5f]), 1)
            .Constant("start", [0L], 1).Constant("end", [1L], 1).Constant("axis", [1L], 1)
            .Node("Identity", ["p"], "output0")
            .Node("Slice", ["images", "start", "end", "axis"], "grey")
            .Node("Sub", ["grey", "level"], "output1")
            .Output("output0", OnnxWriter.F16, 1, 6, 1)
            .Output("output1", OnnxWriter.F16, 1, 1, 32, 32);
        var pixels = new byte[32 * 32];
        pixels.AsSpan(12 * 32, 4 * 32).Fill(255);
        var result = await SegmentAsync(model.ToArray(), new GreySlice(pixels, 32, 32));
        var box = Assert.Single(result.Detections).Box;
        Assert.Equal(new BoundingBox(8, 8, 24, 24), box);
        for (var y = 0; y < 32; y++)
            Assert.Equal(y is >= 12 and < 16 ? 16 : 0, result.Mask.Voxels.AsSpan(y * 32, 32).Count((byte)1));
    }

    [Fact]
    public async Task A_free_batch_axis_that_is_none_is_served_slice_by_slice()
    {
        var model = new OnnxWriter()
            .Input("images", OnnxWriter.F32, "batch", 3, 32, 32)
            .Constant("p", [16f, 16, 32, 32, 0.9f, 1, 0, 0], 1, 8, 1)
            .Constant("level", [0.5f], 1)
            .Constant("shape", [1L, 3, 32, 32], 4)
            .Node("Identity", ["p"], "output0")
            .Node("Reshape", ["images", "shape"], "one")
            .Node("Sub", ["one", "level"], "output1")
            .Output("output0", OnnxWriter.F32, 1, 8, 1)
            .Output("output1", OnnxWriter.F32, 1, 3, 32, 32);
        _folder.Write("m.onnx", model.ToArray());
        using var registry = new ModelRegistry(_folder.Path);
        var white = new byte[32 * 32];
        Array.Fill(white, (byte)255);
        var results = await new OnnxSegmentationEngine(registry).SegmentAsync(
            "m", [new GreySlice(white, 32, 32), new GreySlice(new byte[32 * 32], 32, 32), new GreySlice(white, 32, 32)]);
        Assert.Equal([1024, 0, 1024], results.Select(r => r.Mask.Voxels.Count(v => v == 1)));
        Assert.Contains("batch", Assert.Single((await registry.DescribeAsync("m")).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_that_change_their_shape_fail_as_the_models_fault()
    {
        // A white slice cuts the last number off the predictions.
        var model = new OnnxWriter()
            .Input("images", OnnxWriter.F32, 1, 3, 32, 32)
            .Constant("p", [16f, 16, 32, 32, 0.9f, 1], 1, 6, 1)
            .Constant("q", [.. Enumerable.Repeat(1f, 64)], 1, 1, 8, 8)
            .Constant("six", [6f], 1)
            .Constant("start", [0L], 1)
            .Constant("axis", [1L], 1)
            .Constant("one", [1L], 1)
            .Node("ReduceMin", ["images"], "darkest", ("keepdims", 0L))
            .Node("Reshape", ["darkest", "one"], "dark")
            .Node("Sub", ["six", "dark"], "count")
            .Node("Cast", ["count"], "end", ("to", (long)OnnxWriter.I64))
            .Node("Slice", ["p", "start", "end", "axis"], "output0")
            .Node("Identity", ["q"], "output1")
            .Output("output0", OnnxWriter.F32, 1, "numbers", 1)
            .Output("output1", OnnxWriter.F32, 1, 1, 8, 8);
        var white = new byte[32 * 32];
        Array.Fill(white, (byte)255);
        var failure = await Assert.ThrowsAsync<ModelException>(() => SegmentAsync(model.ToArray(), new GreySlice(white, 32, 32)));
        Assert.Equal(ModelFault.Failed, failure.Fault);
        Assert.Contains("[1, 5, 1]", failure.Message, StringComparison.Ordinal);
        Assert.Single((await SegmentAsync(model.ToArray(), new GreySlice(new byte[1024], 32, 32))).Detections);
    }

    [Fact]
    public async Task Options_out_of_range_are_refused()
    {
        _folder.Write("m.onnx", TestModels.Mirror(1, 32, 32, 32, 32, 0.5f, [1, 0, 0]).ToArray());
        using var registry = new ModelRegistry(_folder.Path);
        var engine = new OnnxSegmentationEngine(registry);
        foreach (var options in new SegmentationOptions[] { new(-0.1), new(1.1), new(double.NaN), new(0.5, 2), new(MaxDetections: 0) })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => engine.SegmentAsync("m", [RandomSlice(4, 4, 1)], options));
        Assert.Throws<ArgumentException>(() => new GreySlice(new byte[5], 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GreySlice(default, 0, 2));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.SegmentAsync("m", [default]));
    }

    [Fact]
    public async Task A_cancelled_request_ends_as_cancelled()
    {
        _folder.Write("m.onnx", TestModels.Mirror(1, 32, 32, 32, 32, 0.5f, [1, 0, 0]).ToArray());
        using var registry = new ModelRegistry(_folder.Path);
        var engine = new OnnxSegmentationEngine(registry);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.SegmentAsync("m", [RandomSlice(4, 4, 1)], null, cancel.Token));
    }

    private async Task<SegmentationResult> SegmentAsync(byte[] model, GreySlice slice, SegmentationOptions? options = null)
    {
        _folder.Write("m.onnx", model);
        using var registry = new ModelRegistry(_folder.Path);
        return Assert.Single(await new OnnxSegmentationEngine(registry).SegmentAsync("m", [slice], options));
    }

    private static GreySlice RandomSlice(int width, int height, int seed)
    {
        var pixels = new byte[width * height];
        new Random(seed).NextBytes(pixels);
        return new GreySlice(pixels, width, height);
    }

    // Boxes inside the input, each touching its middle so that each touches the image; all scores differ.
    private static (float[] Predictions, float[] Prototypes) RandomOutputs(
        Random random, int count, int classes, int coefficients, int width, int height)
    {
        var predictions = new float[(4 + classes + coefficients) * count];
        for (var i = 0; i < count; i++)
        {
            predictions[i] = width * (0.35f + (0.3f * random.NextSingle()));
            predictions[count + i] = height * (0.35f + (0.3f * random.NextSingle()));
            predictions[(2 * count) + i] = width * (0.32f + (0.4f * random.NextSingle()));
            predictions[(3 * count) + i] = height * (0.32f + (0.4f * random.NextSingle()));
            for (var row = 4; row < 4 + classes; row++)
                predictions[(row * count) + i] = 0.99f * random.NextSingle();
            for (var row = 4 + classes; row < 4 + classes + coefficients; row++)
                predictions[(row * count) + i] = (random.NextSingle() * 2) - 1;
        }

        var prototypes = new float[coefficients * (width / 4) * (height / 4)];
        for (var i = 0; i < prototypes.Length; i++)
            prototypes[i] = (random.NextSingle() * 2) - 1;
        return (predictions, prototypes);
    }

    private static float[] Transpose(float[] values, int rows, int columns) =>
        [.. Enumerable.Range(0, rows * columns).Select(i => values[(i % rows * columns) + (i / rows)])];

    private static void AssertBox(float[] input, NaiveReference.Placement place, int width, int height, BoundingBox actual)
    {
        float X(float x) => (float)Math.Clamp((x - place.Left) / place.Ratio, 0, width);
        float Y(float y) => (float)Math.Clamp((y - place.Top) / place.Ratio, 0, height);
        var expected = new BoundingBox(X(input[0]), Y(input[1]), X(input[2]), Y(input[3]));
        Assert.Equal(expected.X0, actual.X0, 0.001f);
        Assert.Equal(expected.Y0, actual.Y0, 0.001f);
        Assert.Equal(expected.X1, actual.X1, 0.001f);
        Assert.Equal(expected.Y1, actual.Y1, 0.001f);
    }
}
