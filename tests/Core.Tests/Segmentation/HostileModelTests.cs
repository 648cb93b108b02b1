using TumorFunctions.Core.Segmentation;
using TumorFunctions.Core.Segmentation.Trial;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>Files that are no usable model are refused with a reason, and the process goes on.</summary>
public sealed class HostileModelTests : IDisposable
{
    private readonly TestModels.Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => [.. HostileModels.Crafted.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_that_is_no_usable_model_is_refused(string kind)
    {
        var (file, reason) = HostileModels.Crafted[kind];
        var failure = await RefusalAsync(file());
        Assert.Contains(reason, failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Truncated_and_altered_files_end_in_a_refusal_or_a_model()
    {
        var good = HostileModels.Good().ToArray();
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

    [Fact]
    public async Task Without_a_trial_no_model_is_taken()
    {
        _folder.Write("good.onnx", HostileModels.Good().ToArray());
        using var examiner = new ChildModelExaminer(TrialLimits.Default, Path.Combine(_folder.Path, "no-such-app.dll"));
        using var registry = new ModelRegistry(_folder.Path, examiner: examiner);
        var failure = await Assert.ThrowsAsync<ModelException>(() => registry.DescribeAsync("good"));
        Assert.Equal(ModelFault.Invalid, failure.Fault);
        Assert.Contains("trial", failure.Message, StringComparison.Ordinal);
        Assert.False(registry.IsLoaded("good"));
        Assert.NotNull(Assert.Single(await registry.ListAsync()).Problem);
    }

    private async Task<ModelException> RefusalAsync(byte[] file)
    {
        _folder.Write("m.onnx", file);
        using var registry = new ModelRegistry(_folder.Path);
        var failure = await Assert.ThrowsAsync<ModelException>(() => registry.DescribeAsync("m"));
        Assert.Equal(ModelFault.Invalid, failure.Fault);
        return failure;
    }
}
