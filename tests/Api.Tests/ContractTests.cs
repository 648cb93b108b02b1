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
    [InlineData("GET", "/api/dashboard/cases-trend")]
    [InlineData("GET", "/api/dashboard/dept-dist")]
    [InlineData("GET", "/api/dashboard/doctor-dist")]
    [InlineData("GET", "/api/dashboard/recent-cases")]
    [InlineData("GET", "/api/dashboard/todos")]
    [InlineData("GET", "/api/analysis/metrics")]
    [InlineData("POST", "/api/analysis/report")]
    [InlineData("GET", "/api/admin/users")]
    [InlineData("POST", "/segmentation/start")]
    [InlineData("POST", "/api/workbench/preprocess")]
    [InlineData("POST", "/api/workbench/augment")]
    [InlineData("POST", "/api/preop/simulate")]
    [InlineData("GET", "/api/preop/load3d")]
    [InlineData("GET", "/api/admin/model")]
    [InlineData("GET", "/api/admin/monitor")]
    [InlineData("POST", "/api/admin/backup")]
    public async Task Answers_have_the_fields_and_types_of_the_reference(string verb, string path)
    {
        var sample = Find(verb, path);
        using var answer = await SendAsync(sample, await AnalysedImageAsync());
        AssertShape(sample.Answer!.Value, await answer.ReadAsync((HttpStatusCode)sample.Status), path, nullable: "last_login");
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
    public async Task Days_without_a_judged_case_are_null_and_the_others_numbers()
    {
        var id = await AnalysedImageAsync();
        using var validated = await fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", """{"is_validated":true}""");
        await validated.ReadAsync();
        var sample = Find("GET", "/api/dashboard/accuracy-trend");
        using var answer = await SendAsync(sample, id);
        var trend = (await answer.ReadAsync((HttpStatusCode)sample.Status)).EnumerateArray().ToArray();
        Assert.Contains(trend, point => point.GetProperty("value").ValueKind == JsonValueKind.Null);
        AssertShape(sample.Answer!.Value[0], trend[^1], sample.Path);
    }

    [Fact]
    public async Task Users_are_administered_as_the_reference_shows()
    {
        var create = Find("POST", "/api/admin/users");
        using var created = await SendAsync(create, 0);
        var answer = await created.ReadAsync((HttpStatusCode)create.Status);
        AssertShape(create.Answer!.Value, answer, create.Path);
        var id = answer.GetProperty("user").GetProperty("id").GetInt32();
        using var again = await SendAsync(create, 0);
        Assert.Equal("用户名已存在", (await again.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("error").GetString());

        using var doctor = await fixture.Api.LogInAsync("doctor2", "TempPassword123");
        using var update = await SendAsync(Find("PUT", "/api/admin/users/{user_id}"), 0, id);
        var changed = await update.ReadAsync();
        Assert.Equal("用户更新成功", changed.GetProperty("message").GetString());
        using var phone = await fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"phone":"1234567890"}""");
        await phone.ReadAsync();
        var get = Find("GET", "/api/admin/users/{user_id}");
        using var read = await SendAsync(get, 0, id);
        AssertShape(get.Answer!.Value, await read.ReadAsync((HttpStatusCode)get.Status), get.Path);

        var delete = Find("DELETE", "/api/admin/users/{user_id}");
        using var deleted = await SendAsync(delete, 0, id);
        AssertSame(delete, await deleted.ReadAsync((HttpStatusCode)delete.Status));
    }

    [Fact]
    public async Task The_model_is_reloaded_as_the_reference_shows()
    {
        using var answer = await fixture.Admin.PostAsync("/api/admin/model/update");
        var reloaded = await answer.ReadAsync();
        Assert.Equal("Model reloaded successfully", reloaded.GetProperty("message").GetString());
        var shown = Find("GET", "/api/admin/model").Answer!.Value;
        AssertShape(shown.GetProperty("version"), reloaded.GetProperty("version"), "version");
        AssertShape(shown.GetProperty("performance"), reloaded.GetProperty("performance"), "performance");
        Assert.True(reloaded.GetProperty("reload_time_s").GetDouble() >= 0);
    }

    [Fact]
    public async Task Passwords_are_changed_as_the_reference_shows()
    {
        using var registered = await fixture.Admin.PostAsync(
            "/api/auth/register", new { username = "changing", email = "changing@example.com", password = "admin123" });
        await registered.ReadAsync(HttpStatusCode.Created);
        using var user = await fixture.Api.LogInAsync("changing", "admin123");
        var change = Find("POST", "/api/auth/change-password");
        using var wrong = await user.PostAsync(change.Path, new { old_password = "other123", new_password = "NewSecurePass456" });
        Assert.Equal("旧密码不正确", (await wrong.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("error").GetString());
        using var answer = await user.SendJsonAsync(HttpMethod.Post, change.Path, change.Body!);
        AssertSame(change, await answer.ReadAsync((HttpStatusCode)change.Status));
    }

    [Fact]
    public async Task A_job_goes_from_pending_to_completed_as_the_reference_shows()
    {
        await AnalysedImageAsync();
        using var started = await SendAsync(Find("POST", "/segmentation/start"), 0);
        var job = (await started.ReadAsync()).GetProperty("job_id").GetString();
        var samples = JobAnswers();
        while (true)
        {
            using var answer = await fixture.Admin.GetAsync($"/segmentation/{job}/progress");
            var progress = await answer.ReadAsync();
            var completed = progress.GetProperty("status").GetString() == "completed";
            AssertShape(samples[completed ? 1 : 0], progress, "/segmentation/{job_id}/progress", nullable: "eta_seconds");
            if (completed)
            {
                return;
            }

            await Task.Delay(20);
        }
    }

    [Fact]
    public async Task Reports_are_exported_as_the_reference_shows()
    {
        var id = await AnalysedImageAsync();
        foreach (var (format, type) in new[]
        {
            ("pdf", "application/pdf"),
            ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        })
        {
            using var answer = await fixture.Admin.GetAsync($"/api/analysis/export?image_id={id}&fmt={format}");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
            Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
            Assert.EndsWith($".{format}", answer.Content.Headers.ContentDisposition?.FileName?.Trim('"'), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Classifiers_are_trained_as_the_reference_shows()
    {
        for (var i = 0; i < 12; i++)
        {
            var id = await fixture.Admin.UploadedIdAsync(Requests.Png(i), ("patient_id", $"C{i}"), ("pixel_spacing", "0.5"));
            using var drawn = await fixture.Admin.PutMaskAsync(id, Phantoms.Png(96, 80, (x, y) => x is >= 30 and < 60 && y is >= 20 and < 50));
            await drawn.ReadAsync();
            using var put = await fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", JsonSerializer.Serialize(
                new { annotation_data = JsonSerializer.Serialize(new { tumor_prognosis = i % 2 }) }));
            await put.ReadAsync();
        }

        var train = Find("POST", "/api/radiomics/train");
        using var answer = await SendAsync(train, 0);
        AssertShape(train.Answer!.Value, await answer.ReadAsync((HttpStatusCode)train.Status), train.Path);
    }

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Without_a_token_and_with_each_role_the_table_decides(string verb, string path)
    {
        var open = path is "/health" or "/api/auth/register" or "/api/auth/login" || path.StartsWith("/segmentation", StringComparison.Ordinal);
        using var nobody = fixture.Api.Anonymous();
        using var anonymous = await nobody.SendAsync(Bare(verb, path));
        Assert.Equal(!open, anonymous.StatusCode == HttpStatusCode.Unauthorized);
        using var stranger = fixture.Api.Anonymous();
        stranger.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer not.a.token");
        using var forged = await stranger.SendAsync(Bare(verb, path));
        Assert.Equal(path is not ("/health" or "/api/auth/register" or "/api/auth/login"), forged.StatusCode == HttpStatusCode.Unauthorized);

        foreach (var role in new[] { "admin", "doctor", "technician", "patient" })
        {
            using var client = await AsAsync(role);
            using var answer = await client.SendAsync(Bare(verb, path));
            Assert.Equal(!IsAllowed(role, verb, path), answer.StatusCode == HttpStatusCode.Forbidden);
            Assert.NotEqual(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.NotEqual(HttpStatusCode.InternalServerError, answer.StatusCode);
        }
    }

    [Fact]
    public void The_reference_has_forty_endpoints() => Assert.Equal(40, Endpoints.Count);

    public static TheoryData<string, string> Endpoints
    {
        get
        {
            TheoryData<string, string> endpoints = [];
            var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "api-reference.md"));
            foreach (var (verb, path) in Heading().Matches(text)
                .Select(match => (match.Groups["verb"].Value, match.Groups["path"].Value))
                .Distinct())
            {
                endpoints.Add(verb, path);
            }

            return endpoints;
        }
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

    // As DESIGN and README put the roles, apart from the API's own table.
    private static bool IsAllowed(string role, string verb, string path) => role switch
    {
        "admin" => true,
        _ when path.StartsWith("/api/admin", StringComparison.Ordinal) => false,
        "doctor" => true,
        "technician" => !(path.StartsWith("/api/medical/", StringComparison.Ordinal) && (verb is "PUT" or "DELETE" || path.EndsWith("-batch", StringComparison.Ordinal)))
            && !path.StartsWith("/api/analysis/report", StringComparison.Ordinal)
            && !path.StartsWith("/api/analysis/export", StringComparison.Ordinal),
        _ => path is "/health" or "/api/medical/list" or "/api/preop/load3d" or "/api/analysis/metrics"
            || path.StartsWith("/api/auth/", StringComparison.Ordinal)
            || (verb == "GET" && path == "/api/medical/{image_id}"),
    };

    // Names nothing that exists and changes nothing: what is asked is who gets past the door.
    private static HttpRequestMessage Bare(string verb, string path) => new(
        new HttpMethod(verb),
        path.Replace("{image_id}", "424242", StringComparison.Ordinal)
            .Replace("{user_id}", "424242", StringComparison.Ordinal)
            .Replace("{job_id}", "seg_job_none", StringComparison.Ordinal))
    {
        Content = verb is "POST" or "PUT"
            ? new StringContent("""{"no_such_field":1}""", Encoding.UTF8, "application/json")
            : null,
    };

    private async Task<HttpClient> AsAsync(string role)
    {
        if (role == "admin")
        {
            return await fixture.Api.LogInAsync();
        }

        using var created = await fixture.Admin.PostAsync(
            "/api/admin/users", new { username = $"as-{role}", email = $"as-{role}@example.com", password = "SecurePass123", role });
        return await fixture.Api.LogInAsync($"as-{role}", "SecurePass123");
    }

    private static void AssertSame(Sample sample, JsonElement answer) => Assert.Equal(
        sample.Answer!.Value.GetProperty("message").GetString(), answer.GetProperty("message").GetString());

    // The running and the completed job, in the order of the reference.
    private static JsonElement[] JobAnswers()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "api-reference.md"));
        var from = text.IndexOf("GET /segmentation/{job_id}/progress", StringComparison.Ordinal);
        return [.. JsonBlock().Matches(text[from..]).Take(2).Select(match => JsonDocument.Parse(match.Groups["json"].Value).RootElement)];
    }

    private async Task<HttpResponseMessage> SendAsync(Sample sample, int imageId, int userId = 0)
    {
        var path = sample.Path.Replace("{image_id}", $"{imageId}", StringComparison.Ordinal)
                .Replace("{user_id}", $"{userId}", StringComparison.Ordinal)
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
    /// <param name="nullable">A field that may be null as well.</param>
    private static void AssertShape(JsonElement expected, JsonElement actual, string path, string? nullable = null)
    {
        if (nullable is not null && actual.ValueKind == JsonValueKind.Null && path.EndsWith($".{nullable}", StringComparison.Ordinal))
        {
            return;
        }

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
                    AssertShape(field.Value, value, $"{path}.{field.Name}", nullable);
                }

                return;
            case JsonValueKind.Array:
                Assert.True(actual.ValueKind == JsonValueKind.Array, $"{path} is no array: {actual}");
                Assert.True(actual.GetArrayLength() > 0, $"{path} is empty, so nothing could be compared");
                foreach (var item in actual.EnumerateArray())
                {
                    AssertShape(expected[0], item, $"{path}[]", nullable);
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
        @"```http\s+(?<verb>[A-Z]+) (?<url>\S+)(?<request>(?:(?!```).)*)```(?:(?!```http).)*?\*\*响应\*\* \((?<status>\d+)\):\s+```json(?<answer>.*?)```",
        RegexOptions.Singleline)]
    private static partial Regex Endpoint();

    [GeneratedRegex(@"```http\s+(?<verb>[A-Z]+) (?<path>/[^\s?]*)")]
    private static partial Regex Heading();

    [GeneratedRegex("```json(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    private sealed record Sample(string Verb, string Path, string Query, string? Body, int Status, JsonElement? Answer);
}
