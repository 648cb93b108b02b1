using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>Exports with one map of classes.</summary>
public sealed class SemanticTests : IDisposable
{
    private readonly TestModels.Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_connected_region_is_a_finding_with_its_mean_probability()
    {
        var logits = Map(16, 16, -4, (2, 2, 6, 5, 2f), (9, 8, 15, 14, 1f), (6, 5, 7, 6, 2f));
        var result = await SegmentAsync(Model(logits, 1, 16, 16), new GreySlice(new byte[256], 16, 16), new(0.1));

        // The single pixel touches the first block at a corner, so it belongs to it.
        Assert.Equal([new BoundingBox(2, 2, 7, 6), new BoundingBox(9, 8, 15, 14)], result.Detections.Select(d => d.Box));
        Assert.Equal([13L, 36], result.Detections.Select(d => d.Mask.Area));
        Assert.Equal(1 / (1 + MathF.Exp(-2)), result.Detections[0].Confidence, 1e-5f);
        Assert.Equal(1 / (1 + MathF.Exp(-1)), result.Detections[1].Confidence, 1e-5f);
        Assert.Equal(result.Detections[0].Confidence, result.PeakConfidence, 1e-5f);
        Assert.Equal(49, result.Mask.Voxels.Count(v => v == 1));
        Assert.Single((await SegmentAsync(Model(logits, 1, 16, 16), new GreySlice(new byte[256], 16, 16), new(0.8))).Detections);
    }

    [Fact]
    public async Task Values_from_0_to_1_are_taken_as_probabilities()
    {
        var map = Map(16, 16, 0.1f, (2, 2, 6, 5, 0.75f), (8, 8, 12, 12, 0.5f));
        var result = await SegmentAsync(Model(map, 1, 16, 16), new GreySlice(new byte[256], 16, 16));
        Assert.Equal(0.75f, Assert.Single(result.Detections).Confidence, 1e-5f);
        Assert.Equal(12, result.Detections[0].Mask.Area);
    }

    [Theory]
    [InlineData("{0: 'core', 1: 'edema'}")]
    [InlineData("{0: 'background', 1: 'core', 2: 'edema'}")]
    public async Task The_first_of_several_channels_is_background(string names)
    {
        float[] logits = [.. Map(16, 16, 0), .. Map(16, 16, -2, (2, 2, 6, 6, 3f)), .. Map(16, 16, -2, (6, 2, 10, 6, 1f))];
        var result = await SegmentAsync(Model(logits, 3, 16, 16).Property("names", names), new GreySlice(new byte[256], 16, 16), new(0.1));
        Assert.Equal([(0, "core"), (1, "edema")], result.Detections.Select(d => (d.ClassId, d.ClassName)));
        Assert.Equal([new BoundingBox(2, 2, 6, 6), new BoundingBox(6, 2, 10, 6)], result.Detections.Select(d => d.Box));
        Assert.Equal(MathF.Exp(3) / (MathF.Exp(3) + 1 + MathF.Exp(-2)), result.Detections[0].Confidence, 1e-5f);
    }

    [Theory]
    [InlineData(1, 64, 64, 32, 32, 32, 32)]
    [InlineData(2, 61, 97, 32, 48, 16, 24)]
    [InlineData(3, 20, 13, 64, 64, 64, 64)]
    public async Task Regions_equal_those_of_a_flood_fill(int seed, int width, int height, int inputWidth, int inputHeight, int gridWidth, int gridHeight)
    {
        var random = new Random(seed);
        var map = new float[gridWidth * gridHeight];
        for (var i = 0; i < map.Length; i++)
            map[i] = random.NextSingle() < 0.4 ? 0.9f : 0.1f;
        var slice = new GreySlice(new byte[width * height], width, height);
        var result = await SegmentAsync(Model(map, 1, gridWidth, gridHeight, inputWidth, inputHeight), slice, new(0, MaxDetections: 10_000));

        // The probability less a half is a logit of the same sign, over the whole input.
        float[] centred = [.. map.Select(v => v - 0.5f)];
        var logits = NaiveReference.MaskLogits(
            new(0, 1, [0, 0, inputWidth, inputHeight], [1]), centred, gridWidth, gridHeight, slice, inputWidth, inputHeight);
        var free = Enumerable.Range(0, width * height).Where(i => logits[i / width, i % width] > 0).ToHashSet();
        Assert.Equal(free.Order(), Enumerable.Range(0, width * height).Where(i => result.Mask.Voxels[i] == 1));

        var regions = new List<string>();
        while (free.Count > 0)
            regions.Add(Fill(free, width));
        var found = result.Detections.Select(d =>
            string.Join(' ', d.Mask.ToMask(width, height).Voxels.Select((v, i) => (v, i)).Where(p => p.v == 1).Select(p => p.i)));
        Assert.Equal(regions.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("batch", "channels")]
    public async Task Free_axes_take_the_size_of_the_card(string? batch, string? channels)
    {
        var model = new OnnxWriter()
            .Input("image", OnnxWriter.F32, batch ?? (object)1, channels ?? (object)1, "height", "width")
            .Constant("centre", [0.5f], 1)
            .Node("Sub", ["image", "centre"], "less")
            .Node("ReduceMean", ["less"], "map", ("axes", new long[] { 1 }), ("keepdims", 1L))
            .Output("map", OnnxWriter.F32, batch ?? (object)1, 1, "height", "width");
        _folder.Write("m.json", """{"input_size": [48, 40], "classes": ["lesion"]}""");
        var pixels = Map(40, 48, 0, (8, 10, 20, 30, 255)).Select(value => (byte)value).ToArray();
        var result = await SegmentAsync(model, new GreySlice(pixels, 40, 48));
        var found = Assert.Single(result.Detections);
        Assert.Equal((new BoundingBox(8, 10, 20, 30), "lesion"), (found.Box, found.ClassName));
    }

    [Fact]
    public async Task A_softmax_s_output_is_taken_as_it_is()
    {
        float[] map = [.. Map(16, 16, 0.9f, (2, 2, 6, 6, 0.2f)), .. Map(16, 16, 0.1f, (2, 2, 6, 6, 0.8f))];
        var found = Assert.Single((await SegmentAsync(Model(map, 2, 16, 16), new GreySlice(new byte[256], 16, 16))).Detections);
        Assert.Equal(0.8f, found.Confidence, 1e-5f);
    }

    private static string Fill(HashSet<int> free, int width)
    {
        var region = new List<int>();
        var open = new Stack<int>([free.First()]);
        while (open.TryPop(out var at))
        {
            if (!free.Remove(at))
                continue;
            region.Add(at);
            for (var dy = -1; dy <= 1; dy++)
                for (var dx = -1; dx <= 1; dx++)
                    if ((at % width) + dx >= 0 && (at % width) + dx < width)
                        open.Push(at + (dy * width) + dx);
        }

        region.Sort();
        return string.Join(' ', region);
    }

    private static float[] Map(int width, int height, float rest, params (int X0, int Y0, int X1, int Y1, float Value)[] blocks)
    {
        var map = new float[width * height];
        Array.Fill(map, rest);
        foreach (var (x0, y0, x1, y1, value) in blocks)
            for (var y = y0; y < y1; y++)
                map.AsSpan((y * width) + x0, x1 - x0).Fill(value);
        return map;
    }

    private static OnnxWriter Model(float[] map, int channels, int gridWidth, int gridHeight, int width = 16, int height = 16) => new OnnxWriter()
        .Input("image", OnnxWriter.F32, 1, 1, height, width)
        .Constant("m", map, 1, channels, gridHeight, gridWidth)
        .Node("Identity", ["m"], "map")
        .Output("map", OnnxWriter.F32, 1, channels, gridHeight, gridWidth);

    private async Task<SegmentationResult> SegmentAsync(OnnxWriter model, GreySlice slice, SegmentationOptions? options = null)
    {
        _folder.Write("m.onnx", model.ToArray());
        using var registry = new ModelRegistry(_folder.Path);
        return Assert.Single(await new OnnxSegmentationEngine(registry).SegmentAsync("m", [slice], options));
    }
}
