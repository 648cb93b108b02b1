using System.Globalization;
using System.Net;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class DashboardTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly string[] Dashboards = ["stats", "cases-trend", "accuracy-trend", "dept-dist", "doctor-dist", "todos"];

    private HttpClient Admin => fixture.Admin;

    [Fact]
    public async Task Trends_name_every_day_of_their_range()
    {
        await Admin.UploadedIdAsync();
        var cases = await ReadAsync("cases-trend");
        var days = cases.EnumerateArray().Select(point => point.GetProperty("date").GetString()).ToArray();
        Assert.Equal(30, days.Length);
        Assert.Equal(days.Order(StringComparer.Ordinal), days);
        Assert.True(cases[29].GetProperty("value").GetInt32() >= 1);
        Assert.Equal(0, cases[0].GetProperty("value").GetInt32());

        var range = await ReadAsync("cases-trend?start=2023-12-30&end=2024-03-02");
        Assert.Equal(64, range.GetArrayLength());
        Assert.Contains(range.EnumerateArray(), point => point.GetProperty("date").GetString() == "2024-02-29");
        Assert.Single((await ReadAsync("accuracy-trend?start=2024-02-29&end=2024-02-29")).EnumerateArray());
        Assert.All(
            (await ReadAsync("accuracy-trend?start=2020-01-01&end=2020-01-31")).EnumerateArray(),
            point => Assert.Equal(JsonValueKind.Null, point.GetProperty("value").ValueKind));
        Assert.Equal(366, (await ReadAsync("cases-trend?start=2024-01-01&end=2024-12-31")).GetArrayLength());
    }

    [Theory]
    [InlineData("start=2024-02-30", "start")]
    [InlineData("start=yesterday", "start")]
    [InlineData("end=01/02/2024", "end")]
    [InlineData("start=2024-02-02&end=2024-02-01", "start")]
    [InlineData("start=2024-01-01&end=2025-01-01", "366")]
    [InlineData("start=0001-01-01", "366")]
    public async Task Bad_ranges_are_refused(string query, string named)
    {
        foreach (var trend in new[] { "cases-trend", "accuracy-trend" })
        {
            using var answer = await Admin.GetAsync($"/api/dashboard/{trend}?{query}");
            var refused = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
            Assert.Contains(named, refused.GetProperty("error").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Recent_cases_are_the_latest_with_their_state()
    {
        var plain = await Admin.UploadedIdAsync(null, ("patient_id", "R1"), ("patient_name", "张三"), ("scan_date", "2026-01-03"), ("modality", "MRI"));
        var validated = await DrawnAsync(side: 10);
        using var put = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{validated}", """{"is_validated":true}""");
        await put.ReadAsync();
        var drawn = await DrawnAsync(side: 10);

        var recent = await ReadAsync("recent-cases?limit=3");
        Assert.Equal([drawn, validated, plain], recent.EnumerateArray().Select(item => item.GetProperty("id").GetInt32()));
        Assert.Equal(["已分析", "已验证", "待分析"], recent.EnumerateArray().Select(item => item.GetProperty("status").GetString()));
        Assert.Equal("张三", recent[2].GetProperty("patient_name").GetString());
        Assert.Equal("2026-01-03", recent[2].GetProperty("scan_date").GetString());
        using var bad = await Admin.GetAsync("/api/dashboard/recent-cases?limit=0");
        await bad.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task Distributions_follow_accounts_and_outlive_them()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        using var created = await admin.PostAsync("/api/admin/users", new
        {
            username = "dr-li",
            email = "li@hospital.com",
            password = "TempPassword123",
            role = "doctor",
            name = "李医生",
            department = "神经外科",
        });
        var id = (await created.ReadAsync(HttpStatusCode.Created)).GetProperty("user").GetProperty("id").GetInt32();
        using var doctor = await api.LogInAsync("dr-li", "TempPassword123");
        await doctor.UploadedIdAsync();
        await doctor.UploadedIdAsync();
        await admin.UploadedIdAsync();

        Assert.Equal([("李医生", 2), ("admin", 1)], await SharesAsync(admin, "doctor-dist"));
        Assert.Equal([("神经外科", 2), ("未分配", 1)], await SharesAsync(admin, "dept-dist"));
        using var deleted = await admin.DeleteAsync(new Uri($"/api/admin/users/{id}", UriKind.Relative));
        await deleted.ReadAsync();
        Assert.Equal([("李医生", 2), ("admin", 1)], await SharesAsync(admin, "doctor-dist"));
        Assert.Equal([("神经外科", 2), ("未分配", 1)], await SharesAsync(admin, "dept-dist"));
    }

    [Fact]
    public async Task Accuracy_is_the_share_of_validated_records_that_the_model_got_right()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        var sample = await File.ReadAllBytesAsync(Requests.SamplePath);

        // Found and confirmed; found and refuted by an empty mask; found and never judged.
        foreach (var (validated, refuted) in new[] { (true, false), (true, true), (true, false), (false, false) })
        {
            using var upload = await admin.UploadAsync(sample, "patient_scan.png");
            var id = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
            using var analysis = await admin.PostAsync($"/api/results/analyze/{id}");
            Assert.True((await analysis.ReadAsync()).GetProperty("tumor_detected").GetBoolean());
            if (refuted)
            {
                using var image = await admin.GetAsync($"/api/medical/{id}");
                var (width, height) = ((await image.ReadAsync()).GetProperty("width").GetInt32(), (await image.ReadAsync()).GetProperty("height").GetInt32());
                using var mask = await admin.PutMaskAsync(id, Phantoms.Png(width, height, (_, _) => false));
                await mask.ReadAsync();
            }

            using var put = await admin.SendJsonAsync(
                HttpMethod.Put, $"/api/medical/{id}", JsonSerializer.Serialize(new { is_validated = validated }));
            await put.ReadAsync();
        }

        using var answer = await admin.GetAsync("/api/dashboard/accuracy-trend");
        var trend = await answer.ReadAsync();
        Assert.Equal(0.6667, trend[29].GetProperty("value").GetDouble());
        Assert.All(trend.EnumerateArray().Take(29), point => Assert.Equal(JsonValueKind.Null, point.GetProperty("value").ValueKind));
    }

    [Fact]
    public async Task Todos_are_the_system_s_and_the_users()
    {
        await Admin.UploadedIdAsync();
        var unanalysed = (await ReadAsync("todos")).EnumerateArray().Single(item => item.GetProperty("kind").GetString() == "unanalysed");
        Assert.True(unanalysed.GetProperty("count").GetInt64() > 0);
        var systemId = unanalysed.GetProperty("id").GetInt32();
        using var kept = await Admin.DeleteAsync(new Uri($"/api/dashboard/todos/{systemId}", UriKind.Relative));
        await kept.RefusedAsync(HttpStatusCode.Conflict, "SYSTEM_TODO");

        var low = await AddAsync("生成月度报告", "low");
        var high = await AddAsync("更新模型权重", "high");
        using var put = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/dashboard/todos/{high}", """{"status":"in_progress","due_date":"2026-12-01"}""");
        Assert.Equal("in_progress", (await put.ReadAsync()).GetProperty("todo").GetProperty("status").GetString());
        Assert.Equal([high, low], await OwnAsync());
        using var done = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/dashboard/todos/{high}", """{"status":"completed"}""");
        await done.ReadAsync();
        Assert.Equal([low, high], await OwnAsync());

        using var registered = await Admin.PostAsync(
            "/api/auth/register", new { username = "colleague", email = "c@example.com", password = "SecurePass123" });
        await registered.ReadAsync(HttpStatusCode.Created);
        using var colleague = await fixture.Api.LogInAsync("colleague", "SecurePass123");
        using var foreign = await colleague.DeleteAsync(new Uri($"/api/dashboard/todos/{low}", UriKind.Relative));
        await foreign.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var deleted = await Admin.DeleteAsync(new Uri($"/api/dashboard/todos/{low}", UriKind.Relative));
        await deleted.ReadAsync();
        using var gone = await Admin.DeleteAsync(new Uri($"/api/dashboard/todos/{low}", UriKind.Relative));
        await gone.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        using var bad = await Admin.PostAsync("/api/dashboard/todos", new { title = "x", priority = "urgent" });
        await bad.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");

        async Task<int[]> OwnAsync() => [.. (await ReadAsync("todos")).EnumerateArray()
            .Where(item => item.GetProperty("kind").GetString() == "user").Select(item => item.GetProperty("id").GetInt32())];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Counters_equal_a_full_recount_whatever_was_done_at_once(int seed)
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(worker => WorkAsync(admin, new Random((seed * 100) + worker))));

        var counted = await AllAsync(admin);
        using var list = await admin.GetAsync("/api/medical/list?per_page=100");
        var images = (await list.ReadAsync()).GetProperty("images").EnumerateArray().ToArray();
        var stats = JsonDocument.Parse(counted[0]).RootElement;
        Assert.Equal(images.Length, stats.GetProperty("totalImages").GetInt32());
        Assert.Equal(images.Length, stats.GetProperty("todayCases").GetInt32());
        Assert.Equal(images.Count(image => image.GetProperty("tumor_detected").GetBoolean()), stats.GetProperty("detectedTumors").GetInt32());

        using var rebuilt = await admin.PostAsync("/api/admin/dashboard/rebuild");
        Assert.Equal(images.Length, (await rebuilt.ReadAsync()).GetProperty("images").GetInt32());
        Assert.Equal(counted, await AllAsync(admin));

        // And counting goes on from there.
        await admin.UploadedIdAsync();
        Assert.Equal(images.Length + 1, JsonDocument.Parse((await AllAsync(admin))[0]).RootElement.GetProperty("totalImages").GetInt32());
    }

    private static async Task WorkAsync(HttpClient client, Random random)
    {
        List<int> own = [];
        for (var i = 0; i < 12; i++)
        {
            var action = random.Next(4);
            if (own.Count == 0 || action == 0)
            {
                own.Add(await client.UploadedIdAsync());
                continue;
            }

            var id = own[random.Next(own.Count)];
            using var answer = action switch
            {
                1 => await client.PutMaskAsync(id, Phantoms.Png(96, 80, (x, y) => x < 40 && y < random.Next(2) * 40)),
                2 => await client.SendJsonAsync(
                    HttpMethod.Put, $"/api/medical/{id}", JsonSerializer.Serialize(new { is_validated = random.Next(2) == 0 })),
                _ => await client.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative)),
            };
            await answer.ReadAsync();
            if (action == 3)
            {
                own.Remove(id);
            }
        }
    }

    private static async Task<string[]> AllAsync(HttpClient client)
    {
        List<string> all = [];
        foreach (var name in Dashboards)
        {
            using var answer = await client.GetAsync($"/api/dashboard/{name}");
            all.Add((await answer.ReadAsync()).GetRawText());
        }

        return [.. all];
    }

    private static async Task<(string?, int)[]> SharesAsync(HttpClient client, string name)
    {
        using var answer = await client.GetAsync($"/api/dashboard/{name}");
        return [.. (await answer.ReadAsync()).EnumerateArray()
            .Select(item => (item.GetProperty("name").GetString(), item.GetProperty("value").GetInt32()))];
    }

    private async Task<int> AddAsync(string title, string priority)
    {
        using var answer = await Admin.PostAsync("/api/dashboard/todos", new { title, priority });
        return (await answer.ReadAsync(HttpStatusCode.Created)).GetProperty("todo").GetProperty("id").GetInt32();
    }

    private async Task<int> DrawnAsync(int side)
    {
        var id = await Admin.UploadedIdAsync();
        using var put = await Admin.PutMaskAsync(id, Phantoms.Png(96, 80, (x, y) => x < side && y < side));
        await put.ReadAsync();
        return id;
    }

    private async Task<JsonElement> ReadAsync(string path)
    {
        using var answer = await Admin.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/api/dashboard/{path}"));
        return await answer.ReadAsync();
    }
}
