using System.Net;
using System.Text.Json;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Tests;

public sealed class AnalysisTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task The_sample_s_tumour_is_found_where_the_radiologist_drew_it()
    {
        var id = await UploadSampleAsync();
        var analysis = await AnalyzeAsync(id);
        var truth = ReadMask("patient_scan_mask.png");
        var found = MaskOf(analysis);
        var overlap = truth.Zip(found).Count(pair => pair is { First: true, Second: true });
        var dice = 2.0 * overlap / (truth.Count(inside => inside) + found.Count(inside => inside));
        Assert.True(dice > 0.7, $"Dice {dice}");

        var box = analysis.GetProperty("bounding_box").EnumerateArray().Select(side => side.GetInt32()).ToArray();
        var inside = Enumerable.Range(0, found.Length).Where(i => found[i]).ToArray();
        Assert.InRange(inside.Min(i => i % 512), box[0] - 8, box[2]);
        Assert.InRange(inside.Max(i => i / 512), box[1], box[3] + 8);
    }

    [Fact]
    public async Task Measurements_follow_from_mask_and_spacing_and_say_what_was_assumed()
    {
        var bare = await AnalyzeAsync(await UploadSampleAsync());
        var pixels = MaskOf(bare).Count(inside => inside);
        Assert.True(bare.GetProperty("spacing_assumed").GetBoolean());
        Assert.Equal(pixels, bare.GetProperty("tumor_area").GetDouble(), 6);
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("tumor_volume").ValueKind);
        Assert.NotEmpty(bare.GetProperty("notes").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, bare.GetProperty("radiomics_features").GetProperty("shape_MeshVolume").ValueKind);

        var stated = await AnalyzeAsync(await UploadSampleAsync(("pixel_spacing", "0.5"), ("slice_thickness", "6")));
        Assert.False(stated.GetProperty("spacing_assumed").GetBoolean());
        Assert.Equal("user", stated.GetProperty("spacing_source").GetString());
        Assert.Equal(pixels * 0.25, stated.GetProperty("tumor_area").GetDouble(), 6);
        Assert.Equal(pixels * 0.25 * 6, stated.GetProperty("tumor_volume").GetDouble(), 6);
        Assert.Equal(
            bare.GetProperty("max_diameter").GetDouble() / 2, stated.GetProperty("max_diameter").GetDouble(), 6);
        Assert.True(stated.GetProperty("radiomics_features").GetProperty("shape_MeshVolume").GetDouble() > 0);
    }

    [Fact]
    public async Task The_outcome_is_kept_on_the_record_and_the_mask_is_served()
    {
        var id = await UploadSampleAsync();
        var analysis = await AnalyzeAsync(id);
        var again = await AnalyzeAsync(id);
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{id}");
        var image = await answer.ReadAsync();
        Assert.True(image.GetProperty("tumor_detected").GetBoolean());
        Assert.Equal(analysis.GetProperty("tumor_area").GetDouble(), image.GetProperty("tumor_area").GetDouble());
        Assert.Equal(again.GetProperty("confidence_score").GetDouble(), image.GetProperty("confidence_score").GetDouble());
        using var mask = await fixture.Admin.GetAsync(image.GetProperty("segmentation_mask_path").GetString()!);
        Assert.Equal(PngOf(again), await mask.Content.ReadAsByteArrayAsync());

        var key = image.GetProperty("filename").GetString()![..32];
        var masks = Directory.GetFiles(Path.Combine(fixture.Api.DataFolder, "blobs"), $"{key}_mask_*", SearchOption.AllDirectories);
        Assert.Equal(2, masks.Length);
    }

    [Fact]
    public async Task Below_the_threshold_nothing_is_measured_and_the_highest_score_is_told()
    {
        var id = await UploadSampleAsync();
        var found = await AnalyzeAsync(id);
        var none = await AnalyzeAsync(id, """{"conf": 1}""");
        Assert.False(none.GetProperty("tumor_detected").GetBoolean());
        Assert.Equal(found.GetProperty("confidence_score").GetDouble(), none.GetProperty("confidence_score").GetDouble());
        foreach (var name in new[] { "bounding_box", "segmentation_mask", "tumor_volume", "tumor_area", "max_diameter" })
        {
            Assert.Equal(JsonValueKind.Null, none.GetProperty(name).ValueKind);
        }

        using var image = await fixture.Admin.GetAsync($"/api/medical/{id}");
        Assert.Equal(JsonValueKind.Null, (await image.ReadAsync()).GetProperty("segmentation_mask_path").ValueKind);
    }

    [Theory]
    [InlineData("Yolov11_best")]
    [InlineData("yolov11_best.onnx")]
    [InlineData("weights/Yolov11_best.pt")]
    [InlineData("""C:\\models\\Yolov11_best.pt""")]
    public async Task A_weight_path_names_a_model_by_its_last_segment(string path)
    {
        var analysis = await AnalyzeAsync(await UploadSampleAsync(), $$"""{"weightPath": "{{path}}"}""");
        Assert.Equal("Yolov11_best", analysis.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("""{"conf": 2}""", "conf")]
    [InlineData("""{"conf": -0.1}""", "conf")]
    [InlineData("""{"conf": "0.25"}""", "conf")]
    [InlineData("""{"weightPath": 7}""", "weightPath")]
    [InlineData("""{"weight_path": "Yolov11_best.pt"}""", "weight_path")]
    public async Task A_bad_request_is_refused_by_the_name_of_the_field(string json, string field)
    {
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, $"/api/results/analyze/{await UploadSampleAsync()}", json);
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(field, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown.pt")]
    [InlineData("../../../etc/passwd")]
    [InlineData("..")]
    [InlineData("Yolov11_best.pt.onnx.exe")]
    [InlineData("' OR 1=1 --")]
    public async Task An_unknown_model_is_a_model_error(string path)
    {
        using var answer = await fixture.Admin.PostAsync($"/api/results/analyze/{await UploadSampleAsync()}", new { weightPath = path });
        await answer.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
    }

    [Fact]
    public async Task An_unknown_image_is_not_found()
    {
        using var answer = await fixture.Admin.PostAsync("/api/results/analyze/424242");
        await answer.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Detect_takes_a_data_URL_or_base64_and_keeps_nothing()
    {
        using var before = await fixture.Admin.GetAsync("/api/dashboard/stats");
        var base64 = Convert.ToBase64String(await File.ReadAllBytesAsync(Requests.SamplePath));
        foreach (var image in new[] { $"data:image/png;base64,{base64}", base64 })
        {
            using var answer = await fixture.Admin.PostAsync("/detect", new { image });
            var body = await answer.ReadAsync();
            Assert.Equal(body.GetProperty("detections").GetArrayLength(), body.GetProperty("count").GetInt32());
            Assert.Equal("tumor", body.GetProperty("detections")[0].GetProperty("class").GetString());
        }

        using var after = await fixture.Admin.GetAsync("/api/dashboard/stats");
        Assert.Equal(
            (await before.ReadAsync()).GetProperty("totalImages").GetInt64(), (await after.ReadAsync()).GetProperty("totalImages").GetInt64());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"image": ""}""")]
    [InlineData("""{"image": 5}""")]
    [InlineData("""{"image": "data:image/png;base64,@@@@"}""")]
    [InlineData("""{"image": "data:image/png,raw"}""")]
    [InlineData("""{"image": "data:image/png;base64,aGVsbG8gd29ybGQ="}""")]
    public async Task Detect_refuses_what_is_no_image(string json)
    {
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, "/detect", json);
        await answer.RefusedAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Reloading_the_model_drops_no_request()
    {
        var id = await UploadSampleAsync();
        using var stop = new CancellationTokenSource();
        var requests = Enumerable.Range(0, 4).Select(async _ =>
        {
            var served = 0;
            while (!stop.IsCancellationRequested)
            {
                using var answer = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
                await answer.ReadAsync();
                served++;
            }

            return served;
        }).ToArray();
        for (var i = 0; i < 3; i++)
        {
            using var reload = await fixture.Admin.PostAsync("/api/admin/model/update");
            Assert.Equal("Model reloaded successfully", (await reload.ReadAsync()).GetProperty("message").GetString());
        }

        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(requests), served => Assert.True(served > 0));
    }

    private async Task<int> UploadSampleAsync(params (string Name, string Value)[] fields) =>
        await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath), fields);

    private async Task<JsonElement> AnalyzeAsync(int id, string json = "{}")
    {
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, $"/api/results/analyze/{id}", json);
        return await answer.ReadAsync();
    }

    private static byte[] PngOf(JsonElement analysis) =>
        Convert.FromBase64String(analysis.GetProperty("segmentation_mask").GetString()!.Split(',')[1]);

    private static bool[] MaskOf(JsonElement analysis) => Inside(new MemoryStream(PngOf(analysis)));

    private static bool[] ReadMask(string name) =>
        Inside(File.OpenRead(Path.Combine(Path.GetDirectoryName(Requests.SamplePath)!, name)));

    private static bool[] Inside(Stream png)
    {
        using (png)
        {
            return [.. ImageReader.Read(png).Voxels.Select(value => value > 0)];
        }
    }
}
