using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class JobTests(MirrorFixture fixture) : IClassFixture<MirrorFixture>
{
    private static readonly string[] Steps = ["排队等待", "读取影像", "预处理", "模型推理", "测量", "影像组学", "保存结果", "三维重建"];

    private readonly HttpClient _admin = fixture.Admin;

    [Theory]
    [InlineData("scan.png")]
    [InlineData("scan.nii")]
    [InlineData("scan.zip")]
    [InlineData("empty.nii")]
    public async Task A_job_leaves_the_record_that_a_direct_analysis_leaves(string name)
    {
        var values = Phantoms.Values((x, y, z) => name != "empty.nii" && Phantoms.IsTumour(x, y, z, spot: true));
        var content = Path.GetExtension(name) switch
        {
            ".nii" => Phantoms.Nifti(values),
            ".zip" => Phantoms.Zip(values),
            _ => Requests.Png(7),
        };
        var direct = await UploadAsync(content, name);
        var byJob = await UploadAsync(content, name);
        using var analysed = await _admin.PostAsync($"/api/results/analyze/{direct}", new { conf = 0.2, weightPath = "unsure.pt" });
        var expected = Comparable(await analysed.ReadAsync());

        var jobId = await _admin.StartJobAsync(new { conf = 0.2, weightPath = "unsure.pt", image_id = byJob });
        var end = await _admin.EndAsync(jobId);
        Assert.Equal("completed", end.GetProperty("status").GetString());
        var result = Assert.Single((await _admin.ResultAsync(jobId)).GetProperty("items").EnumerateArray()).GetProperty("result");
        Assert.Equal(expected, Comparable(result));
        foreach (var field in new[] { "tumor_volume", "segmentation_mask" })
        {
            Assert.Equal(result.GetProperty(field).GetRawText(), end.GetProperty("result").GetProperty(field).GetRawText());
        }

        Assert.Equal(await RecordAsync(direct), await RecordAsync(byJob));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Path.Combine(fixture.Api.DataFolder, "blobs"), "*", SearchOption.AllDirectories),
            file => file.Contains(jobId, StringComparison.Ordinal) && file.Contains("segmentation-work", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_have_the_fields_of_the_reference_and_progress_never_falls()
    {
        var image = await UploadAsync(Phantoms.Nifti(Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z))), "scan.nii");
        using var start = await _admin.PostAsync("/segmentation/start", new { weightPath = "sure.pt", conf = 0.25, image_id = image });
        var started = await start.ReadAsync();
        Assert.Equal(["job_id", "status", "created_at"], Names(started));
        Assert.Equal("pending", started.GetProperty("status").GetString());

        var seen = await _admin.WatchAsync(started.GetProperty("job_id").GetString()!);
        var last = 0;
        foreach (var progress in seen.SkipLast(1))
        {
            Assert.Equal(["job_id", "status", "progress", "current_step", "eta_seconds"], Names(progress));
            Assert.Contains(progress.GetProperty("current_step").GetString(), Steps);
            Assert.InRange(progress.GetProperty("progress").GetInt32(), last, 99);
            last = progress.GetProperty("progress").GetInt32();
        }

        Assert.Equal(["job_id", "status", "progress", "result"], Names(seen[^1]));
        Assert.Equal(100, seen[^1].GetProperty("progress").GetInt32());
        var result = seen[^1].GetProperty("result");
        Assert.Equal(["segmentation_mask", "tumor_volume"], Names(result));
        Assert.StartsWith("data:image/png;base64,", result.GetProperty("segmentation_mask").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_bad_image_fails_alone_and_a_job_of_bad_images_fails()
    {
        var good = await _admin.UploadedIdAsync(Requests.Png(1));
        var bad = await UploadAsync(Phantoms.Nifti(new byte[Phantoms.Side * Phantoms.Side * Phantoms.Depth]), "bad.nii");
        var other = await _admin.UploadedIdAsync(Requests.Png(2));
        await SpoilAsync(bad);
        var jobId = await _admin.StartJobAsync(new { image_ids = new[] { good, bad, other } });
        Assert.Equal("completed", (await _admin.EndAsync(jobId)).GetProperty("status").GetString());
        var result = await _admin.ResultAsync(jobId);
        Assert.Equal((3, 2, 1), (result.GetProperty("total").GetInt32(), result.GetProperty("succeeded").GetInt32(), result.GetProperty("failed").GetInt32()));
        var items = result.GetProperty("items").EnumerateArray().ToArray();
        Assert.Equal([good, bad, other], items.Select(item => item.GetProperty("image_id").GetInt32()));
        Assert.Equal(["completed", "failed", "completed"], items.Select(item => item.GetProperty("status").GetString()));
        Assert.False(string.IsNullOrEmpty(items[1].GetProperty("error").GetProperty("error").GetString()));

        var failedId = await _admin.StartJobAsync(new { image_id = bad });
        var failed = await _admin.EndAsync(failedId);
        Assert.Equal(["job_id", "status", "progress", "error"], Names(failed));
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        using var list = await _admin.GetAsync("/segmentation?status=failed");
        var listed = (await list.ReadAsync()).GetProperty("jobs").EnumerateArray().Single(job => job.GetProperty("job_id").GetString() == failedId);
        Assert.Equal(failed.GetProperty("error").GetString(), listed.GetProperty("error").GetString());
        using var todos = await _admin.GetAsync("/api/dashboard/todos");
        Assert.Contains("failed_jobs", (await todos.ReadAsync()).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_image_the_latest_not_yet_analysed_is_taken_and_then_the_latest()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Models__Folder"] = fixture.ModelFolder, ["Models__Default"] = "sure" });
        using var admin = await api.LogInAsync();
        using var none = await admin.PostAsync("/segmentation/start");
        Assert.Contains("上传", (await none.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND")).GetProperty("error").GetString(), StringComparison.Ordinal);
        var first = await admin.UploadedIdAsync(Requests.Png(1));
        var second = await admin.UploadedIdAsync(Requests.Png(2));
        Assert.Equal(second, await TakenAsync());
        Assert.Equal(first, await TakenAsync());
        Assert.Equal(second, await TakenAsync());

        async Task<int> TakenAsync()
        {
            var jobId = await admin.StartJobAsync();
            await admin.EndAsync(jobId);
            return (await admin.ResultAsync(jobId)).GetProperty("items")[0].GetProperty("image_id").GetInt32();
        }
    }

    [Fact]
    public async Task The_same_key_is_the_same_job_and_another_body_under_it_is_refused()
    {
        var image = await _admin.UploadedIdAsync(Requests.Png(3));
        var key = Guid.NewGuid().ToString();
        var ids = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var answer = await _admin.StartKeyedAsync(key, new { image_id = image, conf = 0.3 });
            return (await answer.ReadAsync()).GetProperty("job_id").GetString()!;
        }));
        var jobId = Assert.Single(ids.Distinct());
        await _admin.EndAsync(jobId);
        using var other = await _admin.StartKeyedAsync(key, new { image_id = image, conf = 0.4 });
        await other.RefusedAsync(HttpStatusCode.Conflict, "IDEMPOTENCY_CONFLICT");
        using var anonymous = fixture.Api.Anonymous();
        using var stranger = await anonymous.StartKeyedAsync(key, new { image_id = image, conf = 0.3 });
        Assert.NotEqual(jobId, (await stranger.ReadAsync()).GetProperty("job_id").GetString());
        using var late = await _admin.StartKeyedAsync(key, new { image_id = image, conf = 0.3 });
        var repeated = await late.ReadAsync();
        Assert.Equal((jobId, "completed"), (repeated.GetProperty("job_id").GetString(), repeated.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Who_has_no_token_sees_only_jobs_started_without_one_and_nothing_where_the_setting_says_so()
    {
        var image = await _admin.UploadedIdAsync(Requests.Png(4));
        using var anonymous = fixture.Api.Anonymous();
        var own = await anonymous.StartJobAsync(new { image_id = image });
        Assert.Equal("completed", (await anonymous.EndAsync(own)).GetProperty("status").GetString());
        var others = await _admin.StartJobAsync(new { image_id = image });
        using var hidden = await anonymous.GetAsync($"/segmentation/{others}/progress");
        await hidden.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        using var cancel = await anonymous.PostAsync($"/segmentation/{others}/cancel");
        await cancel.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        using var list = await anonymous.GetAsync("/segmentation?per_page=100");
        Assert.DoesNotContain(others, (await list.ReadAsync()).GetRawText(), StringComparison.Ordinal);

        using var proxied = new HttpRequestMessage(HttpMethod.Get, $"/segmentation/{own}/progress");
        proxied.Headers.Add("X-Forwarded-For", "203.0.113.9");
        using var throughProxy = await anonymous.SendAsync(proxied);
        await throughProxy.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
        using var wrong = new HttpRequestMessage(HttpMethod.Get, $"/segmentation/{own}/progress");
        wrong.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense");
        using var refused = await anonymous.SendAsync(wrong);
        await refused.RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");

        await using var closed = await ApiProcess.StartAsync(new() { ["Auth__AnonymousSegmentation"] = "false" });
        using var stranger = closed.Anonymous();
        using var start = await stranger.PostAsync("/segmentation/start");
        await start.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
    }

    [Fact]
    public async Task A_cancelled_job_stops_and_an_ended_one_cannot_be_cancelled()
    {
        List<int> images = [];
        for (var i = 0; i < 12; i++)
        {
            images.Add(await _admin.UploadedIdAsync(Requests.Png(100 + i)));
        }

        var jobId = await _admin.StartJobAsync(new { image_ids = images });
        using var cancelled = await _admin.PostAsync($"/segmentation/{jobId}/cancel");
        Assert.Equal("cancelled", (await cancelled.ReadAsync()).GetProperty("status").GetString());
        Assert.Equal("cancelled", (await _admin.ProgressAsync(jobId)).GetProperty("status").GetString());
        using var twice = await _admin.DeleteAsync(new Uri($"/segmentation/{jobId}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, twice.StatusCode);
        await Task.Delay(1000);
        var before = await _admin.ResultAsync(jobId);
        await Task.Delay(1000);
        Assert.Equal(before.GetRawText(), (await _admin.ResultAsync(jobId)).GetRawText());
        Assert.True(before.GetProperty("succeeded").GetInt32() < images.Count);

        var other = await _admin.StartJobAsync(new { image_id = images[0] });
        await _admin.EndAsync(other);
        using var late = await _admin.PostAsync($"/segmentation/{other}/cancel");
        await late.RefusedAsync(HttpStatusCode.Conflict, "JOB_ENDED");
    }

    [Theory]
    [InlineData("""{"image_id":0}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"image_id":"1"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"image_ids":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"image_id":1,"image_ids":[1]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"conf":2}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"unknown":2}""", HttpStatusCode.BadRequest)]
    [InlineData("""[]""", HttpStatusCode.BadRequest)]
    [InlineData("""{"image_id":999999}""", HttpStatusCode.NotFound)]
    [InlineData("""{"image_ids":[999998,999999]}""", HttpStatusCode.NotFound)]
    public async Task A_start_that_cannot_be_is_refused(string json, HttpStatusCode expected)
    {
        using var answer = await _admin.SendJsonAsync(HttpMethod.Post, "/segmentation/start", json);
        await answer.RefusedAsync(expected);
    }

    [Fact]
    public async Task Unknown_models_jobs_and_states_are_refused()
    {
        var image = await _admin.UploadedIdAsync(Requests.Png(5));
        using var model = await _admin.PostAsync("/segmentation/start", new { image_id = image, weightPath = "nowhere.pt" });
        await model.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
        foreach (var path in new[] { "/segmentation/seg_x/progress", "/segmentation/..%2F..%2Fx/progress", "/segmentation/seg_job_001/result" })
        {
            using var answer = await _admin.GetAsync(path);
            await answer.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        using var state = await _admin.GetAsync("/segmentation?status=nonsense");
        await state.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task Jobs_are_listed_newest_first_page_by_page()
    {
        var image = await _admin.UploadedIdAsync(Requests.Png(6));
        List<string> started = [];
        for (var i = 0; i < 3; i++)
        {
            started.Add(await _admin.StartJobAsync(new { image_id = image }));
            await Task.Delay(5);
        }

        List<string> listed = [];
        for (var page = 1; page <= 3; page++)
        {
            using var answer = await _admin.GetAsync($"/segmentation?per_page=1&page={page}");
            listed.Add((await answer.ReadAsync()).GetProperty("jobs")[0].GetProperty("job_id").GetString()!);
        }

        Assert.Equal(started.AsEnumerable().Reverse(), listed);
    }

    [Fact]
    public async Task A_request_and_the_work_that_it_sets_going_share_their_correlation_id_in_the_log()
    {
        var image = await _admin.UploadedIdAsync(Requests.Png(8));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/segmentation/start")
        {
            Content = new StringContent($$"""{"image_id":{{image}}}"""),
        };
        request.Headers.Add("X-Correlation-Id", "corr-4711");
        using var answer = await _admin.SendAsync(request);
        await _admin.EndAsync((await answer.ReadAsync()).GetProperty("job_id").GetString()!);
        var lines = fixture.Api.Output.Split('\n').Count(line => line.Contains("(corr-4711)", StringComparison.Ordinal));
        Assert.True(lines >= 4, $"{lines} lines");
    }

    /// <summary>Writes zeros over an image's file where the store keeps it.</summary>
    private async Task SpoilAsync(int imageId)
    {
        using var answer = await _admin.GetAsync($"/api/medical/{imageId}");
        var name = (await answer.ReadAsync()).GetProperty("filename").GetString()!;
        var file = Directory.EnumerateFiles(Path.Combine(fixture.Api.DataFolder, "blobs", "data"), $"{name}*", SearchOption.AllDirectories).Single();
        await File.WriteAllBytesAsync(file, new byte[new FileInfo(file).Length]);
    }

    private async Task<int> UploadAsync(byte[] content, string name)
    {
        using var answer = await _admin.UploadAsync(content, name);
        return (await answer.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
    }

    private async Task<string> RecordAsync(int imageId)
    {
        using var answer = await _admin.GetAsync($"/api/medical/{imageId}");
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
