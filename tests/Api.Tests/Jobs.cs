using System.Net.Http.Json;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>What tests say to segmentation jobs.</summary>
public static class Jobs
{
    public static async Task<string> StartJobAsync(this HttpClient client, object? body = null)
    {
        using var answer = await client.PostAsync("/segmentation/start", body);
        return (await answer.ReadAsync()).GetProperty("job_id").GetString()!;
    }

    public static async Task<HttpResponseMessage> StartKeyedAsync(this HttpClient client, string key, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/segmentation/start") { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    public static async Task<JsonElement> ProgressAsync(this HttpClient client, string jobId)
    {
        using var answer = await client.GetAsync($"/segmentation/{jobId}/progress");
        return await answer.ReadAsync();
    }

    /// <summary>Asks again and again until the job has ended; every answer that differed from the one before.</summary>
    public static async Task<IReadOnlyList<JsonElement>> WatchAsync(this HttpClient client, string jobId)
    {
        List<JsonElement> seen = [];
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            var progress = await client.ProgressAsync(jobId);
            if (seen.Count == 0 || seen[^1].GetRawText() != progress.GetRawText())
            {
                seen.Add(progress);
            }

            if (progress.GetProperty("status").GetString() is not ("pending" or "processing"))
            {
                return seen;
            }

            await Task.Delay(20, patience.Token);
        }
    }

    public static async Task<JsonElement> EndAsync(this HttpClient client, string jobId) => (await client.WatchAsync(jobId))[^1];

    public static async Task<JsonElement> ResultAsync(this HttpClient client, string jobId)
    {
        using var answer = await client.GetAsync($"/segmentation/{jobId}/result");
        return await answer.ReadAsync();
    }
}
