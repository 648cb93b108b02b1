using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class JobTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly string[] Steps = ["排队等待", "读取影像", "预处理", "模型推理", "测量", "影像组学", "保存结果", "三维重建"];

    [Fact]
    public async Task A_job_leaves_the_record_that_a_direct_analysis_leaves()
    {
        foreach (var content in new[] { await File.ReadAllBytesAsync(Requests.SamplePath), Phantoms.Nifti(Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z))) })
        {
            var direct = await fixture.Admin.UploadedIdAsync(content);
            var byJob = await fixture.Admin.UploadedIdAsync(content);
            using var analysed = await fixture.Admin.PostAsync($"/api/results/analyze/{direct}", new { conf = 0.2, weightPath = "Yolov11_best.pt" });
            var expected = Comparable(await analysed.ReadAsync());

            var jobId = await fixture.Admin.StartJobAsync(new { conf = 0.2, weightPath = "Yolov11_best.pt", image_id = byJob });
            var end = await fixture.Admin.EndAsync(jobId);
            Assert.Equal("completed", end.GetProperty("status").GetString());
            var item = Assert.Single((await fixture.Admin.ResultAsync(jobId)).GetProperty("items").EnumerateArray());
            Assert.Equal(expected, Comparable(item.GetProperty("result")));
            Assert.Equal(
                item.GetProperty("result").GetProperty("tumor_volume").GetRawText(),
                end.GetProperty("result").GetProperty("tumor_volume").GetRawText());
            Assert.Equal(
                item.GetProperty("result").GetProperty("segmentation_mask").GetRawText(),
                end.GetProperty("result").GetProperty("segmentation_mask").GetRawText());

            Assert.Equal(await RecordAsync(direct), await RecordAsync(byJob));
        }
    }

    [Fact]
    public async Task Answers_have_the_fields_of_the_reference_and_progress_never_falls()
    {
        var image = await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath));
        using var start = await fixture.Admin.PostAsync("/segmentation/start", new { weightPath = "Yolov11_best.pt", conf = 0.25, image_id = image });
        var started = await start.ReadAsync();
        Assert.Equal(["job_id", "status", "created_at"], Names(started));
        Assert.Equal("pending", started.GetProperty("status").GetString());

        var seen = await fixture.Admin.WatchAsync(started.GetProperty("job_id").GetString()!);
        var last = -1;
        foreach (var progress in seen.SkipLast(1))
        {
            Assert.Equal(["job_id", "status", "progress", "current_step", "eta_seconds"], Names(progress));
            Assert.Contains(progress.GetProperty("current_step").GetString(), Steps);
            Assert.InRange(progress.GetProperty("progress").GetInt32(), Math.Max(0, last), 99);
            last = progress.GetProperty("progress").GetInt32();
        }

        Assert.Equal(["job_id", "status", "progress", "result"], Names(seen[^1]));
        Assert.Equal(100, seen[^1].GetProperty("progress").GetInt32());
        var result = seen[^1].GetProperty("result");
        Assert.Equal(["segmentation_mask", "tumor_volume"], Names(result));
        Assert.StartsWith("data:image/png;base64,", result.GetProperty("segmentation_mask").GetString(), StringComparison.Ordinal);
    }

    private async Task<string> RecordAsync(int imageId)
    {
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{imageId}");
        var record = await answer.ReadAsync();
        var detection = JsonDocument.Parse(record.GetProperty("detection_result").GetString()!).RootElement;
        string[] fields = ["tumor_detected", "confidence_score", "tumor_volume", "tumor_area", "max_diameter", "radiomics_features", "mask_source"];
        return string.Join('\n', fields.Select(name => record.GetProperty(name).GetRawText())
            .Concat(detection.EnumerateObject().Where(field => field.Name != "analysed_at").Select(field => field.ToString())));
    }

    // All but what is different for every analysis.
    private static string Comparable(JsonElement answer) => string.Join('\n', answer.EnumerateObject()
        .Where(field => field.Name is not ("image_id" or "mask_url")).Select(field => field.ToString()));

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(field => field.Name);
}
