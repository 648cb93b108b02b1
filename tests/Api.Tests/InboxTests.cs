using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>Files that come by upload URLs, and what becomes of them.</summary>
public sealed class InboxTests(MirrorFixture fixture) : IClassFixture<MirrorFixture>
{
    private readonly HttpClient _admin = fixture.Admin;

    [Theory]
    [InlineData("whole")]
    [InlineData("blocks")]
    [InlineData("ranges")]
    public async Task An_upload_becomes_an_image_with_its_fields_and_is_analysed(string way)
    {
        var content = Requests.Png(way.Length, 128, 128);
        var patient = $"P-{way}";
        var url = await UrlAsync(content.Length, new { filename = "脑部 scan.png", size = content.Length, patient_id = patient, slice_thickness = 5 });
        using var anonymous = fixture.Api.Anonymous();
        await (way switch
        {
            "whole" => PutAsync(anonymous, url, content),
            "blocks" => PutBlocksAsync(anonymous, url, content),
            _ => PutRangesAsync(anonymous, url, content),
        });

        var image = await _admin.ImageOfAsync(patient);
        Assert.True(image.GetProperty("tumor_detected").GetBoolean());
        Assert.Equal("脑部 scan.png", image.GetProperty("original_filename").GetString());
        using var file = await _admin.GetAsync(image.GetProperty("file_url").GetString()!);
        Assert.Equal(content, await file.Content.ReadAsByteArrayAsync());

        // An answer that got lost: the same once more is one image all the same.
        await PutAsync(anonymous, url, content);
        await Task.Delay(1500);
        Assert.Equal(1, await _admin.CountAsync(patient));
    }

    [Fact]
    public async Task A_bad_file_is_put_aside_with_its_reason_and_can_be_tried_again_and_deleted()
    {
        var url = await UrlAsync(9, new { filename = "broken.png", size = 9, patient_id = "P-bad" });
        await PutAsync(_admin, url, "not a png"u8.ToArray());
        var item = await AsideAsync("broken.png");
        Assert.Equal("UNSUPPORTED_FORMAT", item.GetProperty("code").GetString());
        Assert.False(string.IsNullOrEmpty(item.GetProperty("error").GetString()));
        Assert.Equal(9, item.GetProperty("size").GetInt64());

        var id = item.GetProperty("id").GetString();
        using var retry = await _admin.PostAsync($"/api/admin/quarantine/{id}/retry");
        await retry.ReadAsync();
        var again = await AsideAsync("broken.png");
        Assert.Equal(id, again.GetProperty("id").GetString());
        using var delete = await _admin.DeleteAsync(new Uri($"/api/admin/quarantine/{id}", UriKind.Relative));
        await delete.ReadAsync();
        using var missing = await _admin.DeleteAsync(new Uri($"/api/admin/quarantine/{id}", UriKind.Relative));
        await missing.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(0, await _admin.CountAsync("P-bad"));
    }

    [Fact]
    public async Task A_url_takes_no_more_than_it_was_asked_for_and_only_as_it_was_signed()
    {
        var url = await UrlAsync(10, new { filename = "a.png", size = 10 });
        using (var answer = await PutRawAsync(_admin, url, new byte[11]))
        {
            await answer.RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
        }

        using (var first = await PutRawAsync(_admin, $"{url}?comp=block&blockid=YQ==", new byte[6]))
        {
            Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        }

        using (var second = await PutRawAsync(_admin, $"{url}?comp=block&blockid=Yg==", new byte[6]))
        {
            await second.RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
        }

        foreach (var query in new[] { "?comp=block&blockid=../../x", "?comp=block&blockid=", "?comp=lease" })
        {
            using var answer = await PutRawAsync(_admin, url + query, [1]);
            await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        }

        foreach (var list in new[] { "", "<x", "<BlockList></BlockList>", "<BlockList><Latest>Yw==</Latest></BlockList>", "<!DOCTYPE a [<!ENTITY b \"c\">]><BlockList><Latest>&b;</Latest></BlockList>" })
        {
            using var answer = await PutRawAsync(_admin, $"{url}?comp=blocklist", Encoding.UTF8.GetBytes(list));
            await answer.RefusedAsync(HttpStatusCode.BadRequest);
        }

        var token = url[(url.LastIndexOf('/') + 1)..];
        var payload = token.Split('.')[0];
        foreach (var forged in new[] { "x", "x.y", payload, $"{payload}.", $"{payload}.{new string('A', 43)}", $"A{token}", $"{token}A" })
        {
            using var answer = await PutRawAsync(_admin, $"/inbox-uploads/{forged}", [1]);
            await answer.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        }

        using var read = await _admin.GetAsync(url);
        Assert.Equal(HttpStatusCode.NotFound, read.StatusCode);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"filename":"a.png"}""")]
    [InlineData("""{"filename":"a.png","size":0}""")]
    [InlineData("""{"filename":"a.png","size":1.5}""")]
    [InlineData("""{"filename":"a.png","size":"1"}""")]
    [InlineData("""{"filename":"a.png","size":5,"age":-1}""")]
    [InlineData("""{"filename":"a.png","size":5,"nonsense":1}""")]
    public async Task A_url_is_refused_for_fields_that_are_none(string json)
    {
        using var answer = await _admin.SendJsonAsync(HttpMethod.Post, "/api/medical/upload-url", json);
        await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task Urls_and_quarantine_need_their_permissions()
    {
        using var anonymous = fixture.Api.Anonymous();
        using var url = await anonymous.PostAsync("/api/medical/upload-url", new { filename = "a.png", size = 1 });
        await url.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
        using var list = await anonymous.GetAsync("/api/admin/quarantine");
        await list.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
        using var register = await anonymous.PostAsync(
            "/api/auth/register", new { username = "inboxdoctor", email = "inboxdoctor@example.com", password = "SecurePass123" });
        using var doctor = await fixture.Api.LogInAsync("inboxdoctor", "SecurePass123");
        using var refused = await doctor.GetAsync("/api/admin/quarantine");
        await refused.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    [Fact]
    public async Task Many_files_at_once_are_each_analysed_or_put_aside_once()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("TUMOR_TEST_INBOX_FILES") ?? "40", System.Globalization.CultureInfo.InvariantCulture);
        await using var api = await ApiProcess.StartAsync(new() { ["Models__Folder"] = fixture.ModelFolder, ["Models__Default"] = "sure" });
        using var admin = await api.LogInAsync();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var bad = i % 10 == 9;
            var content = bad ? Encoding.UTF8.GetBytes($"no image {i}") : Requests.Png(i, 64, 64);
            using var answer = await admin.PostAsync(
                "/api/medical/upload-url", new { filename = $"{i}.png", size = content.Length, patient_id = $"M{i}" });
            await PutAsync(admin, (await answer.ReadAsync()).GetProperty("upload_url").GetString()!, content);
        });

        var peak = await admin.WaitForAsync(count - (count / 10), count / 10, TimeSpan.FromSeconds(120 + (5 * count)), () => api.ResidentBytes());
        Assert.True(peak < 900L << 20, $"{peak >> 20} MB");
        var ids = new HashSet<string>();
        for (var page = 1; ; page++)
        {
            using var list = await admin.GetAsync($"/api/medical/list?per_page=100&page={page}");
            var images = (await list.ReadAsync()).GetProperty("images").EnumerateArray().ToArray();
            Assert.All(images, image => Assert.True(image.GetProperty("tumor_detected").GetBoolean()));
            Assert.All(images, image => Assert.True(ids.Add(image.GetProperty("patient_id").GetString()!)));
            if (images.Length < 100)
            {
                break;
            }
        }

        Assert.Equal(count - (count / 10), ids.Count);
    }

    private async Task<string> UrlAsync(int size, object fields)
    {
        using var answer = await _admin.PostAsync("/api/medical/upload-url", fields);
        var url = await answer.ReadAsync();
        Assert.Equal("PUT", url.GetProperty("method").GetString());
        Assert.Equal(size, url.GetProperty("max_bytes").GetInt64());
        Assert.True(url.TryGetProperty("expires_at", out _) && url.TryGetProperty("headers", out _) && url.TryGetProperty("blob_name", out _));
        return url.GetProperty("upload_url").GetString()!;
    }

    private static async Task PutAsync(HttpClient client, string url, byte[] content)
    {
        using var answer = await PutRawAsync(client, url, content);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private static Task<HttpResponseMessage> PutRawAsync(HttpClient client, string url, byte[] content) =>
        client.PutAsync(new Uri(url, UriKind.Relative), new ByteArrayContent(content));

    private static async Task PutBlocksAsync(HttpClient client, string url, byte[] content)
    {
        var blocks = content.Chunk(1000).ToArray();
        string[] ids = [.. blocks.Select((_, i) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"block-{i:00000}")))];

        // In any order, and one of them twice.
        foreach (var i in Enumerable.Range(0, blocks.Length).Reverse().Append(0))
        {
            await PutAsync(client, $"{url}?comp=block&blockid={Uri.EscapeDataString(ids[i])}", blocks[i]);
        }

        var list = $"<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{string.Concat(ids.Select(id => $"<Latest>{id}</Latest>"))}</BlockList>";
        await PutAsync(client, $"{url}?comp=blocklist", Encoding.UTF8.GetBytes(list));
    }

    private static async Task PutRangesAsync(HttpClient client, string url, byte[] content)
    {
        var sent = 0;
        while (sent < content.Length)
        {
            var part = content[sent..Math.Min(content.Length, sent + 3000)];
            using var body = new ByteArrayContent(part);
            body.Headers.ContentRange = new ContentRangeHeaderValue(sent, sent + part.Length - 1, content.Length);
            using var answer = await client.PutAsync(new Uri(url, UriKind.Relative), body);
            sent += part.Length;
            Assert.Equal(sent == content.Length ? 201 : 308, (int)answer.StatusCode);
            if (sent == 3000)
            {
                // The same once more is not appended: the answer says where to go on.
                using var repeated = new ByteArrayContent(part);
                repeated.Headers.ContentRange = new ContentRangeHeaderValue(0, part.Length - 1, content.Length);
                using var told = await client.PutAsync(new Uri(url, UriKind.Relative), repeated);
                Assert.Equal("bytes=0-2999", told.Headers.GetValues("Range").Single());
            }
        }
    }

    private async Task<JsonElement> AsideAsync(string filename)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            using var list = await _admin.GetAsync("/api/admin/quarantine");
            var found = (await list.ReadAsync()).GetProperty("items").EnumerateArray()
                .Where(item => item.GetProperty("filename").GetString()!.EndsWith(filename, StringComparison.Ordinal)).ToArray();
            if (found.Length > 0)
            {
                return found[0];
            }

            await Task.Delay(50, patience.Token);
        }
    }
}
