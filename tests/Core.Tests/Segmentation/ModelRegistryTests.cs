using System.Security.Cryptography;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

public sealed class ModelRegistryTests : IDisposable
{
    private readonly TestModels.Folder _folder = new();
    private readonly ModelRegistry _registry;
    private readonly OnnxSegmentationEngine _engine;

    public ModelRegistryTests()
    {
        _registry = new ModelRegistry(_folder.Path);
        _engine = new OnnxSegmentationEngine(_registry);
    }

    public void Dispose()
    {
        _registry.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Yolov11_best")]
    [InlineData("Yolov11_best.pt")]
    [InlineData("Yolov11_best.onnx")]
    [InlineData("yolov11_BEST.PT")]
    [InlineData("weights/Yolov11_best.pt")]
    [InlineData("/etc/../weights/Yolov11_best.pt")]
    [InlineData("C:\\x\\Yolov11_best.pt")]
    [InlineData(" Yolov11_best.pt ")]
    public async Task A_weight_path_names_the_model_of_its_last_segment(string weightPath)
    {
        _folder.Write("Yolov11_best.onnx", Scored(0.9f));
        Assert.Equal("Yolov11_best", (await _engine.DescribeAsync(weightPath)).Name);
        var result = Assert.Single(await _engine.SegmentAsync(weightPath, [Slice]));
        Assert.Equal(("Yolov11_best", "cpu"), (result.Model, result.Device));
    }

    [Theory]
    [InlineData("missing.pt")]
    [InlineData("../secret.onnx")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData(".onnx")]
    [InlineData("a\0b")]
    [InlineData("m'; DROP TABLE models;--")]
    [InlineData("*")]
    public async Task What_names_no_model_is_not_found(string weightPath)
    {
        _folder.Write("m.onnx", Scored(0.9f));
        Directory.CreateDirectory(Path.Combine(_folder.Path, "inner"));
        using var inner = new ModelRegistry(Path.Combine(_folder.Path, "inner"));
        _folder.Write("secret.onnx", Scored(0.9f));
        var failure = await Assert.ThrowsAsync<ModelException>(() => new OnnxSegmentationEngine(inner).SegmentAsync(weightPath, [Slice]));
        Assert.Equal(ModelFault.NotFound, failure.Fault);
        Assert.StartsWith("无法找到权重文件", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_directory_holds_no_models()
    {
        using var registry = new ModelRegistry(Path.Combine(_folder.Path, "nowhere"));
        Assert.Empty(registry.Names);
        await Assert.ThrowsAsync<ModelException>(() => registry.DescribeAsync("m"));
    }

    [Fact]
    public void Names_are_those_of_the_onnx_files()
    {
        _folder.Write("b.onnx", [1]);
        _folder.Write("A.ONNX", [1]);
        _folder.Write("c.pt", [1]);
        _folder.Write("b.json", "{}");
        Assert.Equal(["A", "b"], _registry.Names);
        Assert.False(_registry.IsLoaded("b"));
    }

    [Fact]
    public async Task A_card_is_read_whole()
    {
        var file = Scored(0.9f);
        _folder.Write("m.onnx", file);
        _folder.Write("m.json", $$"""
            {
              "name": "m", "version": "1.2.0", "architecture": "net", "framework": "PyTorch 2", "task": "segment",
              "classes": ["tumor"], "input_size": [32, 32], "default_confidence": 0.3, "nms_iou": 0.5, "parameters": 123,
              "licence": "MIT", "training_data": [{"name": "set", "doi": "10.1/x"}], "split": "by patient",
              "metrics": {"dataset": "fold 4", "dice_slice_mean": 0.8, "dice_patient_mean": 0.81, "iou_mean": 0.7, "box_map50": 0.9,
                "box_map50_95": 0.6, "mask_map50": 0.88, "mask_map50_95": 0.5, "sensitivity": 0.95,
                "false_positives_per_negative_slice": 0.1},
              "created_at": "2026-11-23T00:00:00+00:00", "sha256": "{{Convert.ToHexString(SHA256.HashData(file))}}",
              "limitations": "none", "something_else": 1
            }
            """);
        var info = await _engine.DescribeAsync("m");
        var card = info.Card;
        Assert.Equal(("m", "1.2.0", "net", "PyTorch 2", "segment"), (card.Name, card.Version, card.Architecture, card.Framework, card.Task));
        Assert.Equal((0.3, 0.5, 123, "MIT", "by patient", "none"),
            (card.DefaultConfidence, card.NmsIou, card.Parameters, card.Licence, card.Split, card.Limitations));
        Assert.Equal(["tumor"], card.Classes);
        Assert.Equal("set", card.TrainingData!.Value[0].GetProperty("name").GetString());
        var metrics = card.Metrics!;
        Assert.Equal((0.8, 0.81, 0.7), (metrics.DiceSliceMean, metrics.DicePatientMean, metrics.IouMean));
        Assert.Equal((0.9, 0.6, 0.88, 0.5), (metrics.BoxMap50, metrics.BoxMap50To95, metrics.MaskMap50, metrics.MaskMap50To95));
        Assert.Equal((0.95, 0.1), (metrics.Sensitivity, metrics.FalsePositivesPerNegativeSlice));
        Assert.Equal("fold 4", metrics.Others!["dataset"].GetString());
        Assert.Empty(info.Warnings);
        Assert.Equal("m.onnx", info.FileName);
        Assert.True(info.Latency > TimeSpan.Zero && info.LoadTime > info.Latency);
        Assert.True(_registry.IsLoaded("M.pt"));
    }

    [Fact]
    public async Task Figures_of_another_file_are_left_out()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        _folder.Write("m.json", """{"version": "2", "sha256": "00", "parameters": 5, "metrics": {"box_map50": 0.9}}""");
        var info = await _engine.DescribeAsync("m");
        Assert.Equal("2", info.Card.Version);
        Assert.Null(info.Card.Metrics);
        Assert.NotEqual(5, info.Card.Parameters);
        Assert.Contains("sha256", Assert.Single(info.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_card_the_file_speaks()
    {
        var file = Writer(0.9f).Property("names", "{0: 'tumor\\'s \\u6838'}").Property("imgsz", "[32, 32]").Property("author", "Ultralytics")
            .Property("license", "AGPL-3.0").Property("description", "YOLO11n-seg").Property("date", "2026-01-01").Property("task", "segment").ToArray();
        _folder.Write("m.onnx", file);
        var info = await _engine.DescribeAsync("m");
        var card = info.Card;
        Assert.Equal(("m", "YOLO11n-seg", "ultralytics", "AGPL-3.0", "2026-01-01", "segment"),
            (card.Name, card.Architecture, card.Framework, card.Licence, card.CreatedAt, card.Task));
        Assert.Equal(["tumor's 核"], card.Classes);
        Assert.Null(card.Metrics);
        Assert.Null(card.DefaultConfidence);
        Assert.Equal(6 + 64, card.Parameters);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), card.Sha256);
        Assert.Equal("tumor's 核", Assert.Single((await _engine.SegmentAsync("m", [Slice]))[0].Detections).ClassName);
    }

    [Theory]
    [InlineData("__import__('os').system('x')")]
    [InlineData("{0: tumor}")]
    [InlineData("{1: 'tumor'}")]
    [InlineData("{0: 'tumor'")]
    [InlineData("{0: 'tumor'} + {}")]
    [InlineData("")]
    public async Task Names_that_are_no_literal_are_not_read(string names)
    {
        _folder.Write("m.onnx", Writer(0.9f).Property("names", names).ToArray());
        var info = await _engine.DescribeAsync("m");
        Assert.Equal(["class_0"], info.Card.Classes);
        Assert.Single(info.Warnings);
    }

    [Fact]
    public async Task A_card_that_does_not_fit_is_refused()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        foreach (var (card, reason) in new[]
        {
            ("{", "m.json"),
            ("""{"input_size": "big"}""", "input_size"),
            ("""{"classes": ["a", "b"]}""", "2 named class"),
            ("""{"default_confidence": 3}""", "default_confidence"),
        })
        {
            _folder.Write("m.json", card);
            var failure = await Assert.ThrowsAsync<ModelException>(() => _engine.DescribeAsync("m"));
            Assert.Equal(ModelFault.Invalid, failure.Fault);
            Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_failed_reload_leaves_the_old_model_serving()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        Assert.Equal(0.9f, await ScoreAsync());
        _folder.Write("m.onnx", [1, 2, 3]);
        await Assert.ThrowsAsync<ModelException>(() => _engine.ReloadAsync("m"));
        Assert.Equal(0.9f, await ScoreAsync());
        _folder.Write("m.onnx", Scored(0.7f));
        Assert.Equal(0.9f, await ScoreAsync());
        await _engine.ReloadAsync("m");
        Assert.Equal(0.7f, await ScoreAsync());
        File.Delete(Path.Combine(_folder.Path, "m.onnx"));
        var failure = await Assert.ThrowsAsync<ModelException>(() => _engine.ReloadAsync("m"));
        Assert.Equal(ModelFault.NotFound, failure.Fault);
        Assert.Equal(0.7f, await ScoreAsync());
    }

    [Fact]
    public async Task A_model_that_is_held_stays_the_same_whatever_becomes_of_its_file()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        using var held = await _engine.OpenAsync("m");
        _folder.Write("m.onnx", Scored(0.7f));
        await _engine.ReloadAsync("m");
        Assert.Equal(0.9f, Assert.Single((await held.SegmentAsync([Slice]))[0].Detections).Confidence);
        Assert.Equal(0.7f, await ScoreAsync());
        held.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => held.SegmentAsync([Slice]));
    }

    [Fact]
    public async Task Uploads_are_versions_of_which_the_newest_counts_and_removal_spares_who_holds_one()
    {
        var uploads = new ModelUploads(Path.Combine(_folder.Path, "uploads"));
        using var registry = new ModelRegistry(Path.Combine(_folder.Path, "none"), uploads: uploads);
        var engine = new OnnxSegmentationEngine(registry);
        await AddAsync("m", 0.9f);
        using var first = await engine.OpenAsync("m");
        Assert.Equal(ModelFault.Taken, (await Assert.ThrowsAsync<ModelException>(() => AddAsync("M", 0.7f))).Fault);
        await AddAsync("M", 0.7f, overwrite: true);
        using var second = await engine.OpenAsync("m");
        Assert.Equal(["m"], registry.Names);
        await registry.RemoveAsync("m.pt");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(_folder.Path, "uploads")));
        Assert.Equal(ModelFault.NotFound, (await Assert.ThrowsAsync<ModelException>(() => engine.OpenAsync("m"))).Fault);
        foreach (var (model, score) in new[] { (first, 0.9f), (second, 0.7f) })
            Assert.Equal(score, Assert.Single((await model.SegmentAsync([Slice]))[0].Detections).Confidence);

        async Task AddAsync(string name, float score, bool overwrite = false)
        {
            using var staged = registry.Stage();
            await staged.WriteModelAsync(new MemoryStream(Scored(score)));
            await registry.AddAsync(staged, name, overwrite);
        }
    }

    [Fact]
    public async Task A_killed_upload_and_a_superseded_version_are_swept_away()
    {
        var folder = Path.Combine(_folder.Path, "uploads");
        var uploads = new ModelUploads(folder);
        using var registry = new ModelRegistry(Path.Combine(_folder.Path, "none"), uploads: uploads);
        using (var staged = registry.Stage())
        {
            await staged.WriteModelAsync(new MemoryStream(Scored(0.9f)));
            await registry.AddAsync(staged, "m", overwrite: false);
        }

        Directory.Move(Path.Combine(folder, "m~1"), Path.Combine(folder, "m~2"));
        Directory.CreateDirectory(Path.Combine(folder, "m~1"));
        var left = registry.Stage();
        await left.WriteModelAsync(new MemoryStream([1, 2, 3]));
        Assert.Equal(["m"], registry.Names);
        uploads.Sweep();
        Assert.Equal(["m~2"], Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!));
        Assert.Equal("m", (await registry.DescribeAsync("m")).Name);
    }

    [Fact]
    public async Task A_model_that_failed_to_load_is_tried_again()
    {
        _folder.Write("m.onnx", [1, 2, 3]);
        await Assert.ThrowsAsync<ModelException>(() => _engine.DescribeAsync("m"));
        _folder.Write("m.onnx", Scored(0.9f));
        Assert.Equal(0.9f, await ScoreAsync());
    }

    [Fact]
    public async Task Requests_and_reloads_do_not_disturb_each_other()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        using var stop = new CancellationTokenSource();
        var served = new int[32];
        var clients = Enumerable.Range(0, served.Length).Select(client => Task.Run(async () =>
        {
            for (; served[client] < 20 || !stop.IsCancellationRequested; served[client]++)
                Assert.Contains(await ScoreAsync(), new[] { 0.9f, 0.7f });
        })).ToArray();
        for (var i = 0; i < 10; i++)
        {
            // Whole files only: a half-written one would be refused, as it should.
            var next = Path.Combine(_folder.Path, "next.tmp");
            await File.WriteAllBytesAsync(next, Scored(i % 2 == 0 ? 0.7f : 0.9f));
            File.Move(next, Path.Combine(_folder.Path, "m.onnx"), overwrite: true);
            await Task.WhenAll(_engine.ReloadAsync("m"), _engine.ReloadAsync("M.pt"));
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.All(served, count => Assert.True(count >= 20));
    }

    [Fact]
    public async Task Requests_that_wait_for_their_turn_can_be_given_up()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        using var registry = new ModelRegistry(_folder.Path, new ModelRegistryOptions(MaxConcurrentRuns: 1));
        var engine = new OnnxSegmentationEngine(registry);
        await engine.DescribeAsync("m");
        using var impatient = new CancellationTokenSource();
        var slices = Enumerable.Repeat(Slice, 500).ToArray();
        var patient = Enumerable.Range(0, 4).Select(_ => engine.SegmentAsync("m", slices)).ToArray();
        var givenUp = Enumerable.Range(0, 4).Select(_ => engine.SegmentAsync("m", slices, cancellationToken: impatient.Token)).ToArray();

        await impatient.CancelAsync();

        foreach (var request in givenUp)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        foreach (var results in await Task.WhenAll(patient))
            Assert.All(results, result => Assert.Equal(0.9f, Assert.Single(result.Detections).Confidence));
    }

    [Fact]
    public async Task A_disposed_registry_serves_no_more()
    {
        _folder.Write("m.onnx", Scored(0.9f));
        await ScoreAsync();
        _registry.Dispose();
        Assert.False(_registry.IsLoaded("m"));
        await Assert.ThrowsAsync<ObjectDisposedException>(ScoreAsync);
    }

    private static GreySlice Slice => new(new byte[40 * 30], 40, 30);

    private static byte[] Scored(float score) => Writer(score).ToArray();

    private static OnnxWriter Writer(float score) =>
        TestModels.Fixed([16, 16, 16, 16, score, 1], 6, 1, [.. Enumerable.Repeat(1f, 64)], 1, 8, 8, 32, 32);

    private async Task<float> ScoreAsync() =>
        Assert.Single((await _engine.SegmentAsync("m", [Slice]))[0].Detections).Confidence;
}
