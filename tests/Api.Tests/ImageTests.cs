using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class ImageTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task An_upload_reads_back_byte_for_byte_and_in_ranges()
    {
        var content = Requests.Png(seed: 7);
        using var upload = await fixture.Admin.UploadAsync(content, "病人 扫描.png", ("patient_id", "P001"), ("age", "45"));
        var body = await upload.ReadAsync(HttpStatusCode.Created);
        var url = body.GetProperty("file_url").GetString()!;
        Assert.EndsWith("_病人_扫描.png", body.GetProperty("filename").GetString(), StringComparison.Ordinal);

        using var whole = await fixture.Admin.GetAsync(url);
        Assert.Equal("image/png", whole.Content.Headers.ContentType!.MediaType);
        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());

        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(10, 29);
        using var part = await fixture.Admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[10..30], await part.Content.ReadAsByteArrayAsync());

        using var conditional = new HttpRequestMessage(HttpMethod.Get, url);
        conditional.Headers.IfNoneMatch.Add(whole.Headers.ETag!);
        using var unchanged = await fixture.Admin.SendAsync(conditional);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);

        using var preview = await fixture.Admin.GetAsync(body.GetProperty("preview_url").GetString()!);
        Assert.Equal("image/png", preview.Content.Headers.ContentType!.MediaType);

        using var stranger = fixture.Api.Anonymous();
        using var hidden = await stranger.GetAsync(url);
        await hidden.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
    }

    [Fact]
    public async Task The_content_decides_the_format_and_a_name_without_extension_is_fine()
    {
        using var upload = await fixture.Admin.UploadAsync(Requests.Png(), "scan");
        var id = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{id}");
        Assert.Equal("image/png", (await answer.ReadAsync()).GetProperty("mime_type").GetString());
    }

    [Fact]
    public async Task Lists_are_filtered_paged_and_newest_first()
    {
        var patient = $"list-{Guid.NewGuid():N}";
        List<int> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await fixture.Admin.UploadedIdAsync(null, ("patient_id", patient), ("modality", i % 2 == 0 ? "MRI" : "CT")));
        }

        ids.Reverse();
        using var first = await fixture.Admin.GetAsync($"/api/medical/list?patient_id={patient}&per_page=2");
        var page = await first.ReadAsync();
        Assert.Equal(ids[..2], Ids(page));
        Assert.Equal("""{"page":1,"per_page":2,"total":5,"pages":3}""", page.GetProperty("pagination").GetRawText());
        using var last = await fixture.Admin.GetAsync($"/api/medical/list?patient_id={patient}&per_page=2&page=3");
        Assert.Equal(ids[4..], Ids(await last.ReadAsync()));
        using var beyond = await fixture.Admin.GetAsync($"/api/medical/list?patient_id={patient}&per_page=2&page=4");
        Assert.Empty(Ids(await beyond.ReadAsync()));
        using var scans = await fixture.Admin.GetAsync($"/api/medical/list?patient_id={patient}&modality=CT");
        Assert.Equal([ids[1], ids[3]], Ids(await scans.ReadAsync()));
    }

    [Theory]
    [InlineData("page=0")]
    [InlineData("page=-1")]
    [InlineData("page=1000000000")]
    [InlineData("page=1.5")]
    [InlineData("page=1&page=2")]
    [InlineData("per_page=0")]
    [InlineData("per_page=1000000")]
    [InlineData("per_page=ten")]
    public async Task Pages_out_of_range_are_refused(string query)
    {
        using var answer = await fixture.Admin.GetAsync($"/api/medical/list?{query}");
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(query[..query.IndexOf('=', StringComparison.Ordinal)], body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("' OR '1'='1")]
    [InlineData("\"; DROP TABLE documents; --")]
    [InlineData("%")]
    [InlineData("{\"$gt\":\"\"}")]
    [InlineData("../../../etc/passwd")]
    public async Task Fragments_of_queries_and_paths_are_only_text(string fragment)
    {
        var query = Uri.EscapeDataString(fragment);
        using var answer = await fixture.Admin.GetAsync($"/api/medical/list?patient_id={query}&modality={query}");
        Assert.Empty(Ids(await answer.ReadAsync()));

        using var upload = await fixture.Admin.UploadAsync(
            Requests.Png(), $"{fragment.Replace("\"", "", StringComparison.Ordinal)}.png", ("patient_id", fragment), ("patient_name", fragment));
        var url = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("file_url").GetString()!;
        Assert.DoesNotContain("..", url, StringComparison.Ordinal);
        using var file = await fixture.Admin.GetAsync(url);
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        using var named = await fixture.Admin.GetAsync($"/api/medical/list?patient_id={query}");
        Assert.Single(Ids(await named.ReadAsync()));
    }

    [Theory]
    [InlineData("/uploads/medical_images/..%2F..%2Fdocuments.db")]
    [InlineData("/uploads/medical_images/%2e%2e")]
    [InlineData("/uploads/medical_images/signing.key")]
    [InlineData("/uploads/medical_images/a%5Cb")]
    [InlineData("/api/medical/999999")]
    [InlineData("/api/medical/0")]
    [InlineData("/api/medical/-1")]
    [InlineData("/api/medical/99999999999999")]
    [InlineData("/api/medical/abc")]
    [InlineData("/api/nothing/here")]
    [InlineData("/")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var answer = await fixture.Admin.GetAsync(path);
        await answer.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task An_update_changes_what_it_names_and_null_empties()
    {
        var id = await fixture.Admin.UploadedIdAsync(null, ("patient_name", "张三"), ("age", "45"), ("modality", "MRI"));
        using var update = await fixture.Admin.SendJsonAsync(
            HttpMethod.Put,
            $"/api/medical/{id}",
            """{"age":46,"gender":"M","diagnosis":"脑肿瘤","is_validated":true,"modality":null,"annotation_data":"{\"notes\": \"良性\"}"}""");
        var image = (await update.ReadAsync()).GetProperty("image");
        Assert.Equal("张三", image.GetProperty("patient_name").GetString());
        Assert.Equal(46, image.GetProperty("age").GetInt32());
        Assert.Equal("脑肿瘤", image.GetProperty("diagnosis").GetString());
        Assert.True(image.GetProperty("is_validated").GetBoolean());
        Assert.Equal(JsonValueKind.Null, image.GetProperty("modality").ValueKind);
        Assert.Equal("{\"notes\": \"良性\"}", image.GetProperty("annotation_data").GetString());
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{id}");
        Assert.Equal(image.GetRawText(), (await answer.ReadAsync()).GetRawText());
    }

    [Theory]
    [InlineData("""{"age":"45"}""", "age")]
    [InlineData("""{"age":-1}""", "age")]
    [InlineData("""{"age":1e99}""", "age")]
    [InlineData("""{"gender":"X"}""", "gender")]
    [InlineData("""{"scan_date":"2025-02-30"}""", "scan_date")]
    [InlineData("""{"is_validated":"true"}""", "is_validated")]
    [InlineData("""{"patient_name":["a"]}""", "patient_name")]
    [InlineData("""{"annotation_data":"{broken"}""", "annotation_data")]
    [InlineData("""{"annotation_data":{"a":1}}""", "annotation_data")]
    [InlineData("""{"uploaded_by":2}""", "uploaded_by")]
    [InlineData("""{"id":9}""", "id")]
    public async Task A_bad_update_is_refused_by_the_name_of_the_field_and_changes_nothing(string json, string field)
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var before = await fixture.Admin.GetAsync($"/api/medical/{id}");
        using var update = await fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", json);
        var body = await update.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(field, body.GetProperty("error").GetString(), StringComparison.Ordinal);
        using var after = await fixture.Admin.GetAsync($"/api/medical/{id}");
        Assert.Equal((await before.ReadAsync()).GetRawText(), (await after.ReadAsync()).GetRawText());
    }

    [Fact]
    public async Task Updates_at_once_all_count()
    {
        var id = await fixture.Admin.UploadedIdAsync();
        string[] bodies =
        [
            """{"age":50}""", """{"gender":"F"}""", """{"diagnosis":"a"}""", """{"modality":"MRI"}""",
            """{"body_part":"Brain"}""", """{"institution":"协和医院"}""", """{"patient_id":"P9"}""", """{"patient_name":"李四"}""",
        ];
        var answers = await Task.WhenAll(bodies.Select(body => fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", body)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        using var get = await fixture.Admin.GetAsync($"/api/medical/{id}");
        var image = await get.ReadAsync();
        Assert.Equal(50, image.GetProperty("age").GetInt32());
        Assert.All(
            new[] { "gender", "diagnosis", "modality", "body_part", "institution", "patient_id", "patient_name" },
            name => Assert.Equal(JsonValueKind.String, image.GetProperty(name).ValueKind));
    }

    [Fact]
    public async Task A_deleted_image_is_gone_with_its_files()
    {
        using var upload = await fixture.Admin.UploadAsync(Requests.Png());
        var body = await upload.ReadAsync(HttpStatusCode.Created);
        var path = $"/api/medical/{body.GetProperty("image_id").GetInt32()}";
        using var delete = await fixture.Admin.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.Equal("医学影像删除成功", (await delete.ReadAsync()).GetProperty("message").GetString());
        foreach (var gone in new[] { path, body.GetProperty("file_url").GetString()!, body.GetProperty("preview_url").GetString()! })
        {
            using var answer = await fixture.Admin.GetAsync(gone);
            await answer.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        using var again = await fixture.Admin.DeleteAsync(new Uri(path, UriKind.Relative));
        await again.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task A_batch_deletes_what_there_is_and_names_the_rest()
    {
        int[] ids = [await fixture.Admin.UploadedIdAsync(), await fixture.Admin.UploadedIdAsync()];
        using var answer = await fixture.Admin.PostAsync("/api/medical/delete-batch", new { ids = (int[])[.. ids, 987654] });
        var body = await answer.ReadAsync();
        Assert.Equal(ids, body.GetProperty("deleted_ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(987654, Assert.Single(body.GetProperty("refused").EnumerateArray()).GetProperty("id").GetInt32());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"ids":[]}""")]
    [InlineData("""{"ids":"1"}""")]
    [InlineData("""{"ids":[1,"2"]}""")]
    [InlineData("""{"ids":[-5]}""")]
    public async Task A_batch_without_ids_is_refused(string json)
    {
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, "/api/medical/delete-batch", json);
        await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task Statistics_count_uploads_and_deletes()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => admin.UploadedIdAsync(Requests.Png(i))));
        using var delete = await admin.DeleteAsync(new Uri($"/api/medical/{ids[0]}", UriKind.Relative));
        await delete.ReadAsync();
        using var answer = await admin.GetAsync("/api/dashboard/stats");
        var stats = await answer.ReadAsync();
        Assert.Equal(5, stats.GetProperty("totalImages").GetInt32());
        Assert.Equal(5, stats.GetProperty("todayCases").GetInt32());
        Assert.Equal(0, stats.GetProperty("detectedTumors").GetInt32());
    }

    private static IEnumerable<int> Ids(JsonElement list) =>
        list.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("id").GetInt32());
}
