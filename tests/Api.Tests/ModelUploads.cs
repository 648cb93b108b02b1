using System.Text.Json;
using TumorFunctions.Core.Tests.Segmentation;

namespace TumorFunctions.Api.Tests;

/// <summary>What tests do with models over HTTP.</summary>
public static class ModelUploads
{
    /// <summary>A model of 32×32 pixels that finds one tumour with the given score in every image.</summary>
    public static byte[] Scored(float score) =>
        TestModels.Fixed([16, 16, 16, 16, score, 1], 6, 1, [.. Enumerable.Repeat(1f, 64)], 1, 8, 8, 32, 32).ToArray();

    public static async Task<HttpResponseMessage> UploadModelAsync(
        this HttpClient client, byte[] model, string name, params (string Name, string Value)[] fields)
    {
        using var form = Requests.Form(new ByteArrayContent(model), name, fields);
        return await client.PostAsync(new Uri("/api/admin/models", UriKind.Relative), form);
    }

    public static async Task<JsonElement> ListedAsync(this HttpClient client, string name)
    {
        using var answer = await client.GetAsync("/api/admin/models");
        return (await answer.ReadAsync()).GetProperty("models").EnumerateArray().Single(model => model.GetProperty("name").GetString() == name);
    }

    public static Task<HttpResponseMessage> DeleteModelAsync(this HttpClient client, string name) =>
        client.DeleteAsync(new Uri($"/api/admin/models/{name}", UriKind.Relative));

    public static async Task ActivateAsync(this HttpClient client, string name)
    {
        using var answer = await client.PostAsync($"/api/admin/models/{name}/activate");
        await answer.ReadAsync();
    }

    /// <summary>Name of the model that analysed an image, and its score.</summary>
    public static async Task<(string Model, double Score)> AnalysedAsync(this HttpClient client, int image, string? weightPath = null)
    {
        using var answer = await client.PostAsync($"/api/results/analyze/{image}", weightPath is null ? new { } : new { weightPath });
        var body = await answer.ReadAsync();
        return (body.GetProperty("model").GetString()!, body.GetProperty("confidence_score").GetDouble());
    }

    /// <summary>Everything that lies in the folder of uploaded models.</summary>
    public static string[] StoredModels(this ApiProcess api)
    {
        var folder = Path.Combine(api.DataFolder, "models");
        return Directory.Exists(folder) ? [.. Directory.GetFileSystemEntries(folder).Select(path => Path.GetFileName(path)!)] : [];
    }
}
