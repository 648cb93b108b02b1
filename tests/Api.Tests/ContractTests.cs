using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TumorFunctions.Api.Tests;

/// <summary>Walks the JSON samples of docs/api-reference.md and holds the API's answers against them, name by name and type by type.</summary>
public sealed partial class ContractTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly Lazy<IReadOnlyList<Sample>> Samples = new(ReadReference);

    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("POST", "/api/auth/register")]
    [InlineData("POST", "/api/auth/login")]
    [InlineData("GET", "/api/auth/profile")]
    [InlineData("GET", "/api/medical/list")]
    [InlineData("GET", "/api/medical/{image_id}")]
    [InlineData("POST", "/api/medical/delete-batch")]
    [InlineData("POST", "/api/results/analyze/{image_id}")]
    [InlineData("POST", "/detect")]
    [InlineData("GET", "/api/radiomics/extract")]
    [InlineData("GET", "/api/dashboard/stats")]
    [InlineData("POST", "/api/workbench/preprocess")]
    [InlineData("POST", "/api/workbench/augment")]
    [InlineData("POST", "/api/preop/simulate")]
    [InlineData("GET", "/api/preop/load3d")]
    [InlineData("GET", "/api/analysis/metrics")]
    [InlineData("POST", "/api/analysis/report")]
    [InlineData("GET", "/api/admin/model")]
    [InlineData("GET", "/api/admin/monitor")]
    public async Task Answers_have_the_fields_and_types_of_the_reference(string verb, string path)
    {
        var sample = Find(verb, path);
        using var answer = await SendAsync(sample, await AnalysedImageAsync());
        AssertShape(sample.Answer!.Value, await answer.ReadAsync((HttpStatusCode)sample.Status), path);
    }

    [Fact]
    public async Task Uploads_updates_and_deletes_answer_as_the_reference_shows()
    {
        var upload = Find("POST", "/api/medical/upload");
        using var uploaded = await UploadSampleAsync();
        var image = await uploaded.ReadAsync((HttpStatusCode)upload.Status);
        AssertShape(upload.Answer!.Value, image, upload.Path);

        var id = image.GetProperty("image_id").GetInt32();
        var update = Find("PUT", "/api/medical/{image_id}");
        using var updated = await SendAsync(update, id);
        var changed = await updated.ReadAsync((HttpStatusCode)update.Status);
        Assert.Equal("医学影像信息更新成功", changed.GetProperty("message").GetString());
        AssertShape(Find("GET", "/api/medical/{image_id}").Answer!.Value, changed.GetProperty("image"), update.Path);

        var delete = Find("DELETE", "/api/medical/{image_id}");
        using var deleted = await SendAsync(delete, id);
        Assert.Equal(
            delete.Answer!.Value.GetProperty("message").GetString(),
            (await deleted.ReadAsync((HttpStatusCode)delete.Status)).GetProperty("message").GetString());
    }

    [Fact]
    public async Task Strings_that_hold_JSON_do()
    {
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{await AnalysedImageAsync()}");
        var image = await answer.ReadAsync();
        foreach (var name in new[] { "detection_result", "radiomics_features", "annotation_data" })
        {
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(image.GetProperty(name).GetString()!).RootElement.ValueKind);
        }
    }

    [Fact]
    public async Task Error_answers_are_the_reference_s()
    {
        using var missing = await fixture.Admin.GetAsync("/api/medical/424242");
        Assert.Equal("影像不存在", (await missing.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND")).GetProperty("error").GetString());
        using var format = await fixture.Admin.UploadAsync("no image"u8.ToArray());
        Assert.Equal("不支持的文件格式", (await format.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("error").GetString());
        using var model = await fixture.Admin.PostAsync(
            $"/api/results/analyze/{await AnalysedImageAsync()}", new { weightPath = "no_such_model.pt" });
        var body = await model.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
        Assert.Equal("模型加载失败", body.GetProperty("error").GetString());
        Assert.StartsWith("无法找到权重文件", body.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    private async Task<int> AnalysedImageAsync()
    {
        using var upload = await UploadSampleAsync();
        var id = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
        using var analysis = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
        Assert.True((await analysis.ReadAsync()).GetProperty("tumor_detected").GetBoolean());
        return id;
    }

    private async Task<HttpResponseMessage> UploadSampleAsync() => await fixture.Admin.UploadAsync(
        await File.ReadAllBytesAsync(Requests.SamplePath),
        "patient_scan.png",
        ("patient_id", "P001"),
        ("patient_name", "张三"),
        ("age", "45"),
        ("gender", "M"),
        ("scan_date", "2025-12-28"),
        ("modality", "MRI"),
        ("body_part", "Brain"),
        ("institution", "协和医院"),
        ("diagnosis", "脑肿瘤"),
        ("pixel_spacing", "0.49"),
        ("slice_thickness", "6"));

    private async Task<HttpResponseMessage> SendAsync(Sample sample, int imageId)
    {
        var path = sample.Path.Replace("{image_id}", $"{imageId}", StringComparison.Ordinal)
            + sample.Query.Replace("image_id=1", $"image_id={imageId}", StringComparison.Ordinal);
        var request = new HttpRequestMessage(new HttpMethod(sample.Verb), path);
        if (sample.Body is not null)
        {
            var body = sample.Body.Replace("[1, 2, 3]", $"[{imageId}]", StringComparison.Ordinal)
                .Replace("\"image_id\": 1,", $"\"image_id\": {imageId},", StringComparison.Ordinal);
            if (sample.Path == "/detect")
            {
                var image = Convert.ToBase64String(await File.ReadAllBytesAsync(Requests.SamplePath));
                body = $$"""{"image": "data:image/png;base64,{{image}}"}""";
            }

            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await fixture.Admin.SendAsync(request);
    }

    /// <summary>Every field of the sample is there with the sample's type; where the sample shows null or {}, anything may stand.</summary>
    private static void AssertShape(JsonElement expected, JsonElement actual, string path)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null:
                return;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.True(actual.ValueKind is JsonValueKind.True or JsonValueKind.False, $"{path} is no boolean: {actual}");
                return;
            case JsonValueKind.Object:
                Assert.True(actual.ValueKind == JsonValueKind.Object, $"{path} is no object: {actual}");
                foreach (var field in expected.EnumerateObject())
                {
                    Assert.True(actual.TryGetProperty(field.Name, out var value), $"{path}.{field.Name} is missing in {actual}");
                    AssertShape(field.Value, value, $"{path}.{field.Name}");
                }

                return;
            case JsonValueKind.Array:
                Assert.True(actual.ValueKind == JsonValueKind.Array, $"{path} is no array: {actual}");
                Assert.True(actual.GetArrayLength() > 0, $"{path} is empty, so nothing could be compared");
                foreach (var item in actual.EnumerateArray())
                {
                    AssertShape(expected[0], item, $"{path}[]");
                }

                return;
            default:
                Assert.True(expected.ValueKind == actual.ValueKind, $"{path} is {actual.ValueKind}, not {expected.ValueKind}: {actual}");
                return;
        }
    }

    private static Sample Find(string verb, string path) =>
        Samples.Value.Single(sample => sample.Verb == verb && sample.Path == path);

    /// <summary>Each ```http block, with the first answer that follows it.</summary>
    private static List<Sample> ReadReference()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "api-reference.md"));
        List<Sample> samples = [];
        foreach (Match match in Endpoint().Matches(text))
        {
            var url = match.Groups["url"].Value.Split('?', 2);
            if (!url[0].StartsWith('/') || !int.TryParse(match.Groups["status"].Value, out var status))
            {
                continue;
            }

            var request = match.Groups["request"].Value;
            var brace = request.IndexOf('{', StringComparison.Ordinal);
            JsonElement? answer = null;
            try
            {
                answer = JsonDocument.Parse(match.Groups["answer"].Value).RootElement;
            }
            catch (JsonException)
            {
                // "{ ... }" stands for a block shown elsewhere.
            }

            samples.Add(new Sample(
                match.Groups["verb"].Value,
                url[0],
                url.Length > 1 ? $"?{url[1]}" : "",
                brace >= 0 ? request[brace..] : null,
                status,
                answer));
        }

        return samples;
    }

    [GeneratedRegex(
        @"```http\s+(?<verb>[A-Z]+) (?<url>\S+)(?<request>.*?)```(?:(?!```http).)*?\*\*响应\*\* \((?<status>\d+)\):\s+```json(?<answer>.*?)```",
        RegexOptions.Singleline)]
    private static partial Regex Endpoint();

    private sealed record Sample(string Verb, string Path, string Query, string? Body, int Status, JsonElement? Answer);
}
