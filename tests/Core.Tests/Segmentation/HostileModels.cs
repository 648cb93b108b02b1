using ProtobufWriter = TumorFunctions.Core.Tests.Segmentation.OnnxWriter.ProtobufWriter;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>Model files made to do harm, or simply wrong.</summary>
public static class HostileModels
{
    private static readonly float[] Ones = [.. Enumerable.Repeat(1f, 64)];

    /// <summary>Files that are no usable model, with a word of the reason.</summary>
    public static Dictionary<string, (Func<byte[]> File, string Reason)> Crafted { get; } = new()
    {
        ["empty"] = (() => [], "0 bytes"),
        ["text"] = (() => "not a model, just a line of text"u8.ToArray(), "protobuf"),
        ["zip, as torch.save writes"] = (() => [0x50, 0x4B, 3, 4, 0, 0, 0, 0], "ONNX"),
        ["pickle"] = (() => [0x80, 2, 0x8A, 10, 0x6C, 0xFC], "ONNX"),
        ["HDF5"] = (() => [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A, 0], "HDF5"),
        ["TensorFlow Lite"] = (() => [0x1C, 0, 0, 0, 0x54, 0x46, 0x4C, 0x33, 0], "TensorFlow Lite"),
        ["zeros"] = (() => new byte[1000], "protobuf"),
        ["no graph"] = (() => [8, 8], "no graph"),
        ["external data"] = (() => Good().ExternalTensor("w", "../../etc/passwd", 4).ToArray(), "external data"),
        ["huge tensor"] = (() => Good().Tensor("w", OnnxWriter.F32, new byte[16], 1 << 20, 1 << 18).ToArray(), "tensor"),
        ["negative dims"] = (() => Good().Tensor("w", OnnxWriter.F32, new byte[16], -4).ToArray(), "tensor"),
        ["custom operator"] = (() => Good().Node("evil.domain", "Exploit", ["images"], "x").Output("x", OnnxWriter.F32, 1).ToArray(), "evil.domain"),
        ["unknown operator"] = (() => Good().Node("NoSuchOperator", ["images"], "x").Output("x", OnnxWriter.F32, 1).ToArray(), "NoSuchOperator"),
        ["future opset"] = (() => Good().ToArray(opset: 999), "opset"),
        ["no input"] = (() => new OnnxWriter().Constant("q", [1f], 1).Node("Identity", ["q"], "y").Output("y", OnnxWriter.F32, 1).ToArray(), "input"),
        ["two inputs"] = (() => Good().Input("other", OnnxWriter.F32, 1).ToArray(), "other"),
        ["integer input"] = (() => InputOf(OnnxWriter.I64, 1, 3, 32, 32), "Int64"),
        ["flat input"] = (() => InputOf(OnnxWriter.F32, 1, 3072), "images"),
        ["seven channels"] = (() => InputOf(OnnxWriter.F32, 1, 7, 32, 32), "channels"),
        ["vast input"] = (() => InputOf(OnnxWriter.F32, 1, 3, 1_000_000, 1_000_000), "1000000"),
        ["vast batch"] = (() => InputOf(OnnxWriter.F32, 10_000, 3, 32, 32), "batch"),
        ["one output of rank 2"] = (() => new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, 32, 32).Constant("q", Ones, 8, 8)
            .Node("Identity", ["q"], "y").Output("y", OnnxWriter.F32, 8, 8).ToArray(), "[8, 8]"),
        ["detection only"] = (() => new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, 32, 32).Constant("q", Ones, 1, 8, 8)
            .Node("Identity", ["q"], "y").Output("y", OnnxWriter.F32, 1, 8, 8).ToArray(), "output"),
        ["too few numbers"] = (() => TestModels.Fixed(new float[5], 5, 1, Ones, 1, 8, 8, 32, 32).ToArray(), "[1, 5, 1]"),
        ["names do not fit"] = (() => Good().Property("names", "{0: 'a', 1: 'b'}").ToArray(), "2 named class"),
        ["prototypes finer than the input"] = (() => TestModels.Fixed(new float[6], 6, 1, Ones, 1, 1, 64, 32, 32).ToArray(), "prototypes"),
        ["scores before the sigmoid"] = (() => TestModels.Fixed([16, 16, 8, 8, 7.5f, 1], 6, 1, Ones, 1, 8, 8, 32, 32).ToArray(), "7.5"),
        ["integer outputs"] = (() => new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, 32, 32).Constant("p", new long[6], 1, 6, 1)
            .Constant("q", Ones, 1, 1, 8, 8).Node("Identity", ["p"], "a").Node("Identity", ["q"], "b")
            .Output("a", OnnxWriter.I64, 1, 6, 1).Output("b", OnnxWriter.F32, 1, 1, 8, 8).ToArray(), "Int64"),
        ["external data in a sparse tensor"] = (() => Good().GraphField(15, Sparse(External("v"), 4)).ToArray(), "external data"),
        ["external data in an attribute"] = (() => Good().Node("Constant", [], "c", ("value", new[] { External("v") })).ToArray(), "external data"),
        ["huge sparse tensor"] = (() => Good().GraphField(15, Sparse(OnnxWriter.TensorMessage("v", OnnxWriter.F32, new byte[4], 1), 1L << 40)).ToArray(), "sparse"),
        ["claim without a payload"] = (() => Good().GraphField(5, OnnxWriter.TensorMessage("w", OnnxWriter.F32, null, 1 << 20)).ToArray(), "carries"),
        ["overflowing dims"] = (() => Good().Tensor("w", OnnxWriter.F32, new byte[16], 1L << 32, 1L << 32, 4).ToArray(), "elements"),
        ["dims of the longest"] = (() => Good().Tensor("w", OnnxWriter.F32, [], long.MaxValue).ToArray(), "elements"),
        ["payload longer than the shape"] = (() => Good().Tensor("w", OnnxWriter.F32, new byte[64], 4).ToArray(), "carries 64 bytes"),
        ["complex weights"] = (() => Good().Tensor("w", 14, new byte[8], 1).ToArray(), "element type 14"),
        ["unknown element type"] = (() => Good().Tensor("w", 99, new byte[8], 1).ToArray(), "element type 99"),
        ["too many strings"] = (() => Good().GraphField(5, OnnxWriter.TensorMessage("w", 8, null, 1 << 20)).ToArray(), "strings"),
        ["tensor in two halves"] = (() => Good().Node("Constant", [], "c", ("value", new[] { Small(), Small() })).ToArray(), "twice"),
        ["functions of its own"] = (() => Good().ModelField(25, Small()).ToArray(), "functions"),
        ["old opset"] = (() => Good().ToArray(opset: 3), "opset 3"),
        ["missing output"] = (() => Good().Output("nowhere", OnnxWriter.F32, 1).ToArray(), "nowhere"),
        ["no outputs"] = (() => new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, 32, 32).ToArray(), "no outputs"),
        ["three outputs"] = (() => Good().Node("Identity", ["q"], "more").Output("more", OnnxWriter.F32, 1, 1, 8, 8).ToArray(), "3 outputs"),
        ["input of no height"] = (() => InputOf(OnnxWriter.F32, 1, 3, 0, 32), "0×32"),
        ["overflowing input"] = (() => InputOf(OnnxWriter.F32, 1, 3, 1L << 40, 1L << 40), "elements"),
        ["negative input"] = (() => InputOf(OnnxWriter.F32, 1, 3, -7, 32), "negative"),
        ["channels last"] = (() => InputOf(OnnxWriter.F32, 1, 32, 32, 3), "NHWC"),
        ["map with channels last"] = (() => Map(new float[32 * 32 * 2], 1, 32, 32, 2), "NHWC"),
        ["NaN in the map"] = (() => Map([.. Enumerable.Repeat(float.NaN, 32 * 32)], 1, 1, 32, 32), "finite"),
        ["NaN among the scores"] = (() => TestModels.Fixed([16, 16, 16, 16, float.NaN, 1], 6, 1, Ones, 1, 8, 8, 32, 32).ToArray(), "finite"),
        ["infinite prototypes"] = (() => TestModels.Fixed([16, 16, 16, 16, 0.9f, 1], 6, 1, [.. Enumerable.Repeat(float.PositiveInfinity, 64)], 1, 8, 8, 32, 32).ToArray(), "finite"),
        ["NaN for a bright image only"] = (() => Mapped("Sqrt", "less"), "phantom"),
        ["vast ConstantOfShape"] = (() => BlowUp("ConstantOfShape", ["size"], 1L << 20, 1L << 20), "ConstantOfShape"),
        ["vast Expand"] = (() => BlowUp("Expand", ["one", "size"], 1L << 20, 1L << 20), "Expand"),
        ["vast Tile"] = (() => BlowUp("Tile", ["images", "size"], 1, 1, 1L << 20, 1L << 20), "Tile"),
        ["vast Resize"] = (() => BlowUp("Resize", ["images", "", "", "size"], 1, 3, 1L << 20, 1L << 20), "Resize"),
        ["vast Pad"] = (() => BlowUp("Pad", ["images", "size"], 0, 0, 0, 0, 0, 0, 1L << 30, 1L << 30), "Pad"),
        ["vast Range"] = (() => Good().Constant("from", [0L]).Constant("to", [1L << 50]).Constant("step", [1L])
            .Node("Range", ["from", "to", "step"], "x").ToArray(), "Range"),
        ["vast OneHot"] = (() => Good().Constant("depth", [1L << 40]).Constant("values", [0f, 1f], 2)
            .Node("OneHot", ["images", "depth", "values"], "x").ToArray(), "OneHot"),
        ["vast RandomNormal"] = (() => Good().Node("RandomNormal", [], "x", ("shape", new[] { 1L << 30, 1L << 30 })).ToArray(), "RandomNormal"),
        ["vast strides"] = (() => Good().Node("MaxPool", ["images"], "x", ("kernel_shape", new[] { 1L, 1 }), ("pads", new[] { 0L, 0, 1L << 31, 1L << 31 })).ToArray(), "pads"),
        ["size from pixels"] = (() => Good().Constant("flat", [-1L], 1).Node("Cast", ["images"], "whole", ("to", 7L))
            .Node("Reshape", ["whole", "flat"], "sizes").Node("ConstantOfShape", ["sizes"], "x").ToArray(), "pixel"),
        ["size by chance"] = (() => Good().Node("RandomUniform", [], "r", ("shape", new[] { 2L })).Node("Cast", ["r"], "n", ("to", 7L))
            .Node("ConstantOfShape", ["n"], "x").ToArray(), "chance"),
        ["endless Loop"] = (() => Looping(Good(), turns: null).ToArray(), "Loop"),
        ["Loop of a million turns"] = (() => Looping(Good(), 1_000_000).ToArray(), "Loop"),
        ["Loops within Loops"] = (() => Looping(Good(), 1000, body: Looping(Body(), 1000)).ToArray(), "Loop"),
        ["graphs within graphs"] = (() => Good().Tensor("yes", OnnxWriter.Flag, [1]).Node("If", ["yes"], "x", ("then_branch", Nested(40))).ToArray(), "nested"),
        ["forty thousand operators"] = (() => Chain(40_000), "operators"),
        ["millions of empty fields"] = (() => [.. Good().ToArray(), .. Enumerable.Repeat((byte[])[0x72, 0], 4_100_000).SelectMany(pair => pair)], "fields"),
        ["fails when run"] = (() => new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, 32, 32).Constant("shape", [7L], 1)
            .Node("Reshape", ["images", "shape"], "y").Output("y", OnnxWriter.F32, 7).ToArray(), "Reshape"),
    };

    /// <summary>Damaged copies of a model and noise, the same for the same seed.</summary>
    public static IEnumerable<(string Kind, byte[] File)> Damaged(byte[] model, int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            switch (i % 3)
            {
                case 0:
                    yield return ($"truncated {i}", model[..random.Next(1, model.Length * 9 / 10)]);
                    break;
                case 1:
                    var noise = new byte[random.Next(1, 1 << 16)];
                    random.NextBytes(noise);
                    yield return ($"noise {i}", noise);
                    break;
                default:
                    var flipped = model.ToArray();
                    for (var flip = 0; flip < 64; flip++)
                        flipped[random.Next(64)] ^= (byte)(1 << random.Next(8));
                    yield return ($"flipped {i}", flipped);
                    break;
            }
        }
    }

    public static OnnxWriter Good() => TestModels.Fixed([16, 16, 16, 16, 0.9f, 1], 6, 1, Ones, 1, 8, 8, 32, 32);

    private static byte[] InputOf(int type, params object[] dims) => new OnnxWriter()
        .Input("images", type, dims)
        .Constant("p", new float[6], 1, 6, 1)
        .Constant("q", Ones, 1, 1, 8, 8)
        .Node("Identity", ["p"], "output0")
        .Node("Identity", ["q"], "output1")
        .Output("output0", OnnxWriter.F32, 1, 6, 1)
        .Output("output1", OnnxWriter.F32, 1, 1, 8, 8)
        .ToArray();

    private static byte[] Map(float[] map, params long[] dims) => new OnnxWriter()
        .Input("images", OnnxWriter.F32, 1, 1, 32, 32)
        .Constant("m", map, dims)
        .Node("Identity", ["m"], "map")
        .Output("map", OnnxWriter.F32, [.. dims.Select(dim => (object)dim)])
        .ToArray();

    // The square root of a half less than the pixel: a number for a blank image's rim only.
    private static byte[] Mapped(string op, string level) => new OnnxWriter()
        .Input("images", OnnxWriter.F32, 1, 1, 32, 32)
        .Constant(level, [0.5f], 1)
        .Node("Sub", [level, "images"], "rest")
        .Node(op, ["rest"], "map")
        .Output("map", OnnxWriter.F32, 1, 1, 32, 32)
        .ToArray();

    private static byte[] BlowUp(string op, string[] inputs, params long[] size) => Good()
        .Constant("size", size, size.Length)
        .Constant("one", [1f], 1)
        .Node(op, inputs, "x")
        .Output("x", OnnxWriter.F32, "free")
        .ToArray();

    private static byte[] Chain(int length)
    {
        var model = new OnnxWriter().Input("images", OnnxWriter.F32, 1, 1, 32, 32);
        for (var i = 0; i < length; i++)
            model.Node("Identity", [i == 0 ? "images" : $"x{i - 1}"], $"x{i}");
        return model.Output($"x{length - 1}", OnnxWriter.F32, 1, 1, 32, 32).ToArray();
    }

    /// <summary>Nothing declared is large; the product of a column and a row is: side² numbers.</summary>
    public static byte[] OuterProduct(int side) => new OnnxWriter()
        .Input("images", OnnxWriter.F32, 1, 1, 32, 32)
        .Constant("column", new float[side], side, 1)
        .Constant("row", new float[side], 1, side)
        .Node("ReduceMean", ["images"], "mean", ("keepdims", 0L))
        .Node("Add", ["column", "mean"], "left")
        .Node("MatMul", ["left", "row"], "product")
        .Node("ReduceMax", ["product"], "most", ("keepdims", 0L))
        .Node("Add", ["images", "most"], "map")
        .Output("map", OnnxWriter.F32, 1, 1, 32, 32)
        .ToArray();

    /// <summary>Takes hours, within every bound that can be read off the file: turns × turns products of large matrices.</summary>
    public static byte[] Slow(int turns, int side)
    {
        var product = Body().Node("MatMul", ["matrix", "matrix"], "product").Node("ReduceMax", ["product"], "most", ("keepdims", 0L))
            .Output("most", OnnxWriter.F32);
        return new OnnxWriter()
            .Input("images", OnnxWriter.F32, 1, 1, 32, 32)
            .Constant("turns", [(long)turns])
            .Tensor("yes", OnnxWriter.Flag, [1])
            .Constant("zeros", new float[side], side, 1)
            .Node("ReduceMean", ["images"], "mean", ("keepdims", 0L))
            .Constant("row", new float[side], 1, side)
            .Node("Add", ["zeros", "mean"], "column")
            .Node("Add", ["column", "row"], "matrix")
            .Node("Loop", ["turns", "yes"], "all", ("body", product))
            .Node("ReduceMax", ["all"], "largest", ("keepdims", 0L))
            .Node("Add", ["images", "largest"], "map")
            .Output("map", OnnxWriter.F32, 1, 1, 32, 32)
            .ToArray();
    }

    private static OnnxWriter Body() => new OnnxWriter()
        .Input("turn", OnnxWriter.I64)
        .Input("go", OnnxWriter.Flag)
        .Node("Identity", ["go"], "on")
        .Output("on", OnnxWriter.Flag);

    private static OnnxWriter Looping(OnnxWriter model, long? turns, OnnxWriter? body = null)
    {
        if (turns is { } most)
            model.Constant("turns", [most]);
        return model.Tensor("yes", OnnxWriter.Flag, [1]).Node("Loop", [turns is null ? "" : "turns", "yes"], "", ("body", body ?? Body()));
    }

    private static ProtobufWriter Small() => OnnxWriter.TensorMessage("s", OnnxWriter.F32, new byte[4], 1);

    private static ProtobufWriter External(string name)
    {
        var entry = new ProtobufWriter();
        entry.Text(1, "location");
        entry.Text(2, "../../../etc/passwd");
        var tensor = OnnxWriter.TensorMessage(name, OnnxWriter.F32, null, 4);
        tensor.Message(13, entry);
        tensor.Number(14, 1);
        return tensor;
    }

    private static ProtobufWriter Sparse(ProtobufWriter values, params long[] dims)
    {
        var sparse = new ProtobufWriter();
        sparse.Message(1, values);
        foreach (var dim in dims)
            sparse.Number(3, dim);
        return sparse;
    }

    private static OnnxWriter Nested(int depth)
    {
        var graph = new OnnxWriter().Node("Identity", ["yes"], "inner").Output("inner", OnnxWriter.Flag);
        for (var i = 0; i < depth; i++)
            graph = new OnnxWriter().Node("If", ["yes"], "inner", ("then_branch", graph)).Output("inner", OnnxWriter.Flag);
        return graph;
    }
}
