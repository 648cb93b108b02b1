using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TumorFunctions.Core.Tests.Segmentation;

namespace TumorFunctions.Api.Tests;

public sealed class ModelTests
{
    private const string Default = "Yolov11_best";

    [Fact]
    public async Task A_model_is_uploaded_activated_used_kept_over_a_restart_and_deleted()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        var image = await admin.UploadedIdAsync();
        var file = ModelUploads.Scored(0.9f);
        using var upload = await admin.UploadModelAsync(
            file, "weights/mine.onnx", ("card", """{"version": "3.1", "classes": ["lesion"], "metrics": {"box_map50": 0.5}}"""));
        var model = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("model");
        Assert.Equal("mine", model.GetProperty("name").GetString());
        Assert.Equal("3.1", model.GetProperty("version").GetString());
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file)), model.GetProperty("sha256").GetString());
        Assert.Equal(file.Length, model.GetProperty("file_size").GetInt64());
        Assert.Equal("lesion", Assert.Single(model.GetProperty("classes").EnumerateArray()).GetString());
        Assert.Equal([32, 32], model.GetProperty("input_size").EnumerateArray().Select(side => side.GetInt32()));
        Assert.Equal(0.5, model.GetProperty("metrics").GetProperty("box_map50").GetDouble());
        Assert.False(model.GetProperty("active").GetBoolean() || model.GetProperty("shipped").GetBoolean());
        Assert.Equal(JsonValueKind.Null, model.GetProperty("problem").ValueKind);

        // Uploaded is not active, yet can be asked for by any of its names.
        Assert.Equal(Default, (await admin.AnalysedAsync(image)).Model);
        Assert.Equal(("mine", 0.9), await admin.AnalysedAsync(image, "C:\\x\\Mine.pt"));
        await admin.ActivateAsync("mine.pt");
        Assert.Equal(("mine", 0.9), await admin.AnalysedAsync(image));
        using var described = await admin.GetAsync("/api/admin/model");
        Assert.Equal("mine 3.1", (await described.ReadAsync()).GetProperty("version").GetString());

        await api.KillAsync();
        await api.RestartAsync();
        using var again = await api.LogInAsync();
        Assert.True((await again.ListedAsync("mine")).GetProperty("active").GetBoolean());
        Assert.False((await again.ListedAsync(Default)).GetProperty("active").GetBoolean());
        Assert.Equal(("mine", 0.9), await again.AnalysedAsync(image));

        using var inUse = await again.DeleteModelAsync("mine");
        await inUse.RefusedAsync(HttpStatusCode.Conflict, "CONFLICT");
        using var shipped = await again.DeleteModelAsync(Default);
        await shipped.RefusedAsync(HttpStatusCode.Conflict, "CONFLICT");
        await again.ActivateAsync(Default);
        using var deleted = await again.DeleteModelAsync("mine");
        await deleted.ReadAsync();
        Assert.Empty(api.StoredModels());
        Assert.Equal(Default, (await again.AnalysedAsync(image)).Model);
        using var gone = await again.PostAsync($"/api/results/analyze/{image}", new { weightPath = "mine" });
        await gone.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
        using var twice = await again.DeleteModelAsync("mine");
        await twice.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task A_taken_name_needs_overwrite_and_a_bad_file_leaves_the_old_model_serving()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        var image = await admin.UploadedIdAsync();
        using var first = await admin.UploadModelAsync(ModelUploads.Scored(0.9f), "mine.onnx");
        await first.ReadAsync(HttpStatusCode.Created);
        await admin.ActivateAsync("mine");
        using var taken = await admin.UploadModelAsync(ModelUploads.Scored(0.7f), "MINE.onnx");
        await taken.RefusedAsync(HttpStatusCode.Conflict, "CONFLICT");
        using var bad = await admin.UploadModelAsync([1, 2, 3], "mine.onnx", ("overwrite", "true"));
        await bad.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_MODEL");
        Assert.Equal(0.9, (await admin.AnalysedAsync(image)).Score);

        using var second = await admin.UploadModelAsync(ModelUploads.Scored(0.7f), "MINE.onnx", ("overwrite", "true"));
        Assert.True((await second.ReadAsync(HttpStatusCode.Created)).GetProperty("model").GetProperty("active").GetBoolean());
        Assert.Equal(("mine", 0.7), await admin.AnalysedAsync(image));
        Assert.Single(api.StoredModels());

        using var shipped = await admin.UploadModelAsync(ModelUploads.Scored(0.7f), "yolov11_best.onnx", ("overwrite", "true"));
        await shipped.RefusedAsync(HttpStatusCode.Conflict, "CONFLICT");
        using var unknown = await admin.PostAsync("/api/admin/models/nobody/activate");
        await unknown.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");

        // The file on the disk goes bad: what is loaded goes on, and a reload is refused.
        var path = Directory.GetFiles(Path.Combine(api.DataFolder, "models"), "*.onnx", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(path, [8, 8]);
        Assert.Contains("2 bytes", (await admin.ListedAsync("mine")).GetProperty("problem").GetString(), StringComparison.Ordinal);
        using var reload = await admin.PostAsync("/api/admin/model/update");
        await reload.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
        Assert.Equal(0.7, (await admin.AnalysedAsync(image)).Score);
    }

    [Fact]
    public async Task Uploads_are_checked_before_anything_stays()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Models__MaxUploadBytes"] = "2000000" });
        using var admin = await api.LogInAsync();
        var good = ModelUploads.Scored(0.9f);
        async Task<string> RefusedAsync(HttpStatusCode status, byte[] file, string name, params (string, string)[] fields)
        {
            using var answer = await admin.UploadModelAsync(file, name, fields);
            var body = await answer.RefusedAsync(status);
            Assert.Empty(api.StoredModels());
            return body.GetRawText();
        }

        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, new byte[2_000_001], "m.onnx");
        await RefusedAsync(HttpStatusCode.RequestEntityTooLarge, new byte[4_000_000], "m.onnx");
        Assert.Contains("torch.onnx.export", await RefusedAsync(HttpStatusCode.BadRequest, "PK\u0003\u0004archive/data.pkl"u8.ToArray(), "best.pt"), StringComparison.Ordinal);
        Assert.Contains("torch.onnx.export", await RefusedAsync(HttpStatusCode.BadRequest, [0x80, 2, 0x8A, 10], "best.pth"), StringComparison.Ordinal);
        Assert.Contains(".hidden", await RefusedAsync(HttpStatusCode.BadRequest, good, ".hidden.onnx"), StringComparison.Ordinal);
        await RefusedAsync(HttpStatusCode.BadRequest, good, "m.onnx", ("name", "a*b"));
        await RefusedAsync(HttpStatusCode.BadRequest, good, "m.onnx", ("overwrite", "maybe"));
        await RefusedAsync(HttpStatusCode.BadRequest, good, "m.onnx", ("colour", "red"));
        Assert.Contains("card", await RefusedAsync(HttpStatusCode.BadRequest, good, "m.onnx", ("card", "{")), StringComparison.Ordinal);
        Assert.Contains("2 named class", await RefusedAsync(HttpStatusCode.BadRequest, good, "m.onnx", ("card", """{"classes": ["a", "b"]}""")), StringComparison.Ordinal);
        await RefusedAsync(HttpStatusCode.BadRequest, good, "m.onnx", ("card", new string(' ', 300_000)));
        using var noFile = await admin.PostAsync(new Uri("/api/admin/models", UriKind.Relative), new MultipartFormDataContent { { new StringContent("x"), "name" } });
        await noFile.RefusedAsync(HttpStatusCode.BadRequest);
        using var cut = await admin.PostAsync(new Uri("/api/admin/models", UriKind.Relative), Cut(good));
        await cut.RefusedAsync(HttpStatusCode.BadRequest);
        Assert.Empty(api.StoredModels());

        // The last segment of a path names the model, wherever the path would lead.
        using var outside = await admin.UploadModelAsync(good, "../../../outside.onnx");
        Assert.Equal("outside", (await outside.ReadAsync(HttpStatusCode.Created)).GetProperty("model").GetProperty("name").GetString());
        Assert.Equal(["outside~1"], api.StoredModels());
    }

    [Fact]
    public async Task Only_administrators_may_touch_models()
    {
        await using var api = await ApiProcess.StartAsync();
        using var visitor = api.Anonymous();
        using var registered = await visitor.PostAsync(
            "/api/auth/register", new { username = "doctor", email = "d@example.com", password = "SecurePass123" });
        await registered.ReadAsync(HttpStatusCode.Created);
        using var doctor = await api.LogInAsync("doctor", "SecurePass123");
        foreach (var (client, status) in new[] { (doctor, HttpStatusCode.Forbidden), (visitor, HttpStatusCode.Unauthorized) })
        {
            using var list = await client.GetAsync("/api/admin/models");
            await list.RefusedAsync(status);
            using var upload = await client.UploadModelAsync(ModelUploads.Scored(0.9f), "mine.onnx");
            await upload.RefusedAsync(status);
            using var activate = await client.PostAsync($"/api/admin/models/{Default}/activate");
            await activate.RefusedAsync(status);
            using var delete = await client.DeleteModelAsync(Default);
            await delete.RefusedAsync(status);
        }
    }

    [Fact]
    public async Task No_analysis_fails_while_models_are_switched_replaced_and_deleted()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 32).Select(async seed =>
        {
            var served = 0;
            var image = await admin.UploadedIdAsync(Requests.Png(seed));
            while (!stop.IsCancellationRequested)
            {
                var (model, _) = await admin.AnalysedAsync(image);
                Assert.Contains(model, new[] { Default, "a", "b" });
                served++;
            }

            return served;
        }).ToArray();
        for (var round = 0; round < 3; round++)
        {
            foreach (var name in new[] { "a", "b" })
            {
                using var upload = await admin.UploadModelAsync(ModelUploads.Scored(0.5f + (round * 0.1f)), $"{name}.onnx", ("overwrite", "true"));
                await upload.ReadAsync(HttpStatusCode.Created);
                await admin.ActivateAsync(name);
                using var other = await admin.DeleteModelAsync(name == "a" ? "b" : "a");
                await other.ReadAsync(round == 0 && name == "a" ? HttpStatusCode.NotFound : HttpStatusCode.OK);
            }

            await admin.ActivateAsync(Default);
            await admin.ActivateAsync("b");
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(clients), served => Assert.True(served > 0));
    }

    [Fact]
    public async Task Plain_segmentation_exports_are_taken_and_channels_last_is_refused_by_name()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        var image = await admin.UploadedIdAsync();
        foreach (var (name, model) in new[]
        {
            ("logits", Semantic("Sub", null, 64, 64)),
            ("probabilities", Semantic("Sub", "Sigmoid", 64, 64)),
            ("free", Semantic("Sub", null, "height", "width")),
        })
        {
            using var upload = await admin.UploadModelAsync(model, $"{name}.onnx", ("card", """{"input_size": [96, 96], "classes": ["lesion"]}"""));
            await upload.ReadAsync(HttpStatusCode.Created);

            // The disc of the test image is brighter than the half that the model cuts at.
            var (by, score) = await admin.AnalysedAsync(image, name);
            Assert.Equal(name, by);
            Assert.InRange(score, 0.5, 1);
        }

        using var last = await admin.UploadModelAsync(HostileModels.Crafted["map with channels last"].File(), "last.onnx");
        Assert.Contains("NHWC", (await last.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_MODEL")).GetRawText(), StringComparison.Ordinal);
    }

    private static byte[] Semantic(string cut, string? activation, object height, object width)
    {
        var model = new OnnxWriter()
            .Input("image", OnnxWriter.F32, 1, 1, height, width)
            .Constant("half", [0.5f], 1)
            .Constant("steep", [9f], 1)
            .Node(cut, ["image", "half"], "over")
            .Node("Mul", ["over", "steep"], "logits");
        if (activation is not null)
        {
            model.Node(activation, ["logits"], "map");
        }

        return model.Output(activation is null ? "logits" : "map", OnnxWriter.F32, 1, 1, height, width).ToArray();
    }

    private static ByteArrayContent Cut(byte[] file)
    {
        const string Head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.onnx\"\r\n\r\n";
        var body = new ByteArrayContent([.. Encoding.ASCII.GetBytes(Head), .. file]);
        body.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");
        return body;
    }
}
