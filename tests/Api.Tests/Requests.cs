using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Tests;

/// <summary>What tests say to the API, and what they check in every answer.</summary>
public static class Requests
{
    public static string SamplePath => Path.Combine(AppContext.BaseDirectory, "samples", "patient_scan.png");

    /// <summary>A small PNG with a bright disc, different for each seed.</summary>
    public static byte[] Png(int seed = 1, int width = 96, int height = 80)
    {
        var random = new Random(seed);
        var pixels = new byte[width * height];
        for (var i = 0; i < pixels.Length; i++)
        {
            var (x, y) = (i % width, i / width);
            var inside = Math.Pow(x - (width / 2.0), 2) + Math.Pow(y - (height / 2.0), 2) < 200;
            pixels[i] = (byte)((inside ? 180 : 40) + random.Next(40));
        }

        using var png = new MemoryStream();
        PngWriter.Write(png, pixels, width, height);
        return png.ToArray();
    }

    public static MultipartFormDataContent Form(HttpContent file, string name = "scan.png", params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        form.Add(file, "file", name);
        foreach (var field in fields)
        {
            form.Add(new StringContent(field.Value), field.Name);
        }

        return form;
    }

    public static async Task<HttpResponseMessage> UploadAsync(
        this HttpClient client, byte[] content, string name = "scan.png", params (string Name, string Value)[] fields)
    {
        using var form = Form(new ByteArrayContent(content), name, fields);
        return await client.PostAsync(new Uri("/api/medical/upload", UriKind.Relative), form);
    }

    public static async Task<int> UploadedIdAsync(
        this HttpClient client, byte[]? content = null, params (string Name, string Value)[] fields)
    {
        using var answer = await client.UploadAsync(content ?? Png(), fields: fields);
        return (await answer.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
    }

    public static async Task<JsonElement> ReadAsync(this HttpResponseMessage answer, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == expected, $"{answer.RequestMessage?.RequestUri}: {(int)answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>The error envelope, and nothing of the insides.</summary>
    public static async Task<JsonElement> RefusedAsync(this HttpResponseMessage answer, HttpStatusCode expected, string? code = null)
    {
        var body = await answer.ReadAsync(expected);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.False(string.IsNullOrWhiteSpace(body.GetProperty("error").GetString()));
        Assert.False(string.IsNullOrWhiteSpace(body.GetProperty("code").GetString()));
        Assert.All(body.EnumerateObject(), field => Assert.Contains(field.Name, new[] { "error", "message", "code" }));
        Assert.DoesNotContain("   at ", body.GetRawText(), StringComparison.Ordinal);
        if (code is not null)
        {
            Assert.Equal(code, body.GetProperty("code").GetString());
        }

        return body;
    }

    public static Task<HttpResponseMessage> GetAsync(this HttpClient client, string path) =>
        client.GetAsync(new Uri(path, UriKind.Relative));

    public static Task<HttpResponseMessage> PostAsync(this HttpClient client, string path, object? body = null) =>
        client.PostAsJsonAsync(path, body ?? new { });

    public static Task<HttpResponseMessage> SendJsonAsync(this HttpClient client, HttpMethod method, string path, string json) =>
        client.SendAsync(new HttpRequestMessage(method, path)
        {
            Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json"),
        });

    public static Task<HttpResponseMessage> PutMaskAsync(
        this HttpClient client, int imageId, byte[] mask, string? ifMatch = null, string? ifNoneMatch = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, $"/api/medical/{imageId}/mask") { Content = new ByteArrayContent(mask) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }

        return client.SendAsync(request);
    }

    /// <summary>The content of a good answer, read as an image.</summary>
    public static async Task<MaskFile> ReadMaskAsync(this HttpResponseMessage answer)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.IsSuccessStatusCode, System.Text.Encoding.UTF8.GetString(bytes));
        return ImageReader.ReadMask(new MemoryStream(bytes));
    }
}
