using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>What tests ask about files that went into the inbox.</summary>
public static class Inboxes
{
    /// <summary>The one image of a patient, once it is analysed.</summary>
    public static async Task<JsonElement> ImageOfAsync(this HttpClient client, string patient)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            using var list = await client.GetAsync($"/api/medical/list?patient_id={Uri.EscapeDataString(patient)}");
            var images = (await list.ReadAsync()).GetProperty("images").EnumerateArray().ToArray();
            if (images.Length > 0 && images[0].GetProperty("confidence_score").ValueKind == JsonValueKind.Number)
            {
                return Assert.Single(images);
            }

            await Task.Delay(50, patience.Token);
        }
    }

    public static async Task<int> CountAsync(this HttpClient client, string patient)
    {
        using var list = await client.GetAsync($"/api/medical/list?patient_id={Uri.EscapeDataString(patient)}");
        return (await list.ReadAsync()).GetProperty("pagination").GetProperty("total").GetInt32();
    }

    /// <summary>Waits until so many jobs have completed and so many files were put aside; the most that was measured meanwhile.</summary>
    public static async Task<long> WaitForAsync(this HttpClient client, int completed, int aside, TimeSpan patience, Func<long> measure)
    {
        using var limit = new CancellationTokenSource(patience);
        long peak = 0;
        while (true)
        {
            peak = Math.Max(peak, measure());
            if (await TotalAsync(client, "/segmentation?status=completed&per_page=1") >= completed
                && await TotalAsync(client, "/api/admin/quarantine?per_page=1") >= aside)
            {
                return peak;
            }

            await Task.Delay(200, limit.Token);
        }
    }

    public static long ResidentBytes(this ApiProcess api) => long.Parse(
        File.ReadLines($"/proc/{api.ProcessId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture) * 1024;

    private static async Task<int> TotalAsync(HttpClient client, string path)
    {
        using var list = await client.GetAsync(path);
        return (await list.ReadAsync()).GetProperty("pagination").GetProperty("total").GetInt32();
    }
}
