using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>Files that are no usable model are refused with a reason, and the process goes on.</summary>
public sealed class HostileModelTests : IDisposable
{
    private static readonly float[] Ones = [.. Enumerable.Repeat(1f, 64)];

    private readonly TestModels.Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => [.. Hostile.Keys];

    private static Dictionary<string, (Func<byte[]> File, string Reason)> Hostile { get; } = new()
    {
        ["empty"] = (() => [], "0 bytes"),
        ["text"] = (() => "not a model, just a line of text"u8.ToArray(), "protobuf"),
        ["zip"] = (() => [0x50, 0x4B, 3, 4, 0, 0, 0, 0], ""),
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
        ["vast batch"] = (() => InputOf(OnnxWriter.F32, 100_000, 3, 32, 32), "batch"),
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
        ["fails when run"] = (() => new OnnxWriter().Input("images", OnnxWriter.F32, 1, 3, 32, 32).Constant("shape", [7L], 1)
            .Node("Reshape", ["images", "shape"], "y").Output("y", OnnxWriter.F32, 7).ToArray(), ""),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_that_is_no_usable_model_is_refused(string kind)
    {
        var (file, reason) = Hostile[kind];
        var failure = await RefusalAsync(file());
        Assert.Contains(reason, failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Truncated_and_altered_files_end_in_a_refusal_or_a_model()
    {
        var good = Good().ToArray();
        using var registry = new ModelRegistry(_folder.Path);
        var engine = new OnnxSegmentationEngine(registry);
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 200; i++)
        {
            var file = good.ToArray();
            if (i < 60)
                file = file[..random.Next(1, file.Length)];
            else
                file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            if (i % 50 == 49)
                random.NextBytes(file);
            _folder.Write($"m{i}.onnx", file);
            try
            {
                await engine.SegmentAsync($"m{i}", [new GreySlice(new byte[64], 8, 8)]);
            }
            catch (ModelException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 60, 200);
        _folder.Write("good.onnx", good);
        Assert.Single((await engine.SegmentAsync("good", [new GreySlice(new byte[64], 8, 8)]))[0].Detections);
    }

    private static OnnxWriter Good() => TestModels.Fixed([16, 16, 16, 16, 0.9f, 1], 6, 1, Ones, 1, 8, 8, 32, 32);

    private static byte[] InputOf(int type, params object[] dims) => new OnnxWriter()
        .Input("images", type, dims)
        .Constant("p", new float[6], 1, 6, 1)
        .Constant("q", Ones, 1, 1, 8, 8)
        .Node("Identity", ["p"], "output0")
        .Node("Identity", ["q"], "output1")
        .Output("output0", OnnxWriter.F32, 1, 6, 1)
        .Output("output1", OnnxWriter.F32, 1, 1, 8, 8)
        .ToArray();

    private async Task<ModelException> RefusalAsync(byte[] file)
    {
        _folder.Write("m.onnx", file);
        using var registry = new ModelRegistry(_folder.Path);
        var failure = await Assert.ThrowsAsync<ModelException>(() => registry.DescribeAsync("m"));
        Assert.Equal(ModelFault.Invalid, failure.Fault);
        return failure;
    }
}
