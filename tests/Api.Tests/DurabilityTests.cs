using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>What many at once, very large files and a killed process leave behind.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Thirty_two_uploads_at_once_all_land_and_read_back_byte_for_byte()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async seed =>
        {
            var content = Requests.Png(seed, 400 + seed, 300);
            using var upload = await admin.UploadAsync(content, $"scan{seed}.png");
            var url = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("file_url").GetString()!;
            using var file = await admin.GetAsync(url);
            Assert.Equal(content, await file.Content.ReadAsByteArrayAsync());
        }));
        using var list = await admin.GetAsync("/api/medical/list?per_page=100");
        var ids = (await list.ReadAsync()).GetProperty("images").EnumerateArray().Select(image => image.GetProperty("id").GetInt32());
        Assert.Equal(32, ids.Distinct().Count());
    }

    [Fact]
    public async Task A_400_MB_upload_takes_less_than_64_MB_of_memory()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();

        // The first upload pays for code and pools.
        await admin.UploadedIdAsync(Requests.Png(1, 512, 512));
        var before = ResidentBytes(api.ProcessId);
        var peak = before;
        using var stop = new CancellationTokenSource();
        var watch = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                peak = Math.Max(peak, ResidentBytes(api.ProcessId));
                await Task.Delay(5);
            }
        });

        using var tiff = new TiffContent(width: 10_240, height: 10_240, pages: 2);
        Assert.True(tiff.Length > 400L * 1024 * 1024);
        using var form = Requests.Form(tiff, "large.tif");
        using var answer = await admin.PostAsync(new Uri("/api/medical/upload", UriKind.Relative), form);
        var image = await answer.ReadAsync(HttpStatusCode.Created);
        await stop.CancelAsync();
        await watch;
        Assert.True(peak - before < 64L * 1024 * 1024, $"{(peak - before) >> 20} MB");

        using var record = await admin.GetAsync($"/api/medical/{image.GetProperty("image_id").GetInt32()}");
        Assert.Equal(tiff.Length, (await record.ReadAsync()).GetProperty("file_size").GetInt64());
    }

    [Fact]
    public async Task After_kills_only_complete_images_are_listed_and_no_orphan_outlives_its_grace()
    {
        var settings = new Dictionary<string, string> { ["Images__OrphanGraceSeconds"] = "1" };
        await using var api = await ApiProcess.StartAsync(settings);
        using var admin = await api.LogInAsync();
        var random = new Random(20260104);
        var acknowledged = new ConcurrentDictionary<int, byte[]>();
        for (var round = 0; round < 6; round++)
        {
            using var stop = new CancellationTokenSource();
            var workers = Enumerable.Range(0, 6).Select(worker => WorkAsync(admin, acknowledged, (round * 1000) + (worker * 100), stop.Token)).ToArray();

            // By progress, not by the clock: on a busy machine a fixed time may pass before anything has happened.
            var enough = acknowledged.Count + random.Next(1, 8);
            while (acknowledged.Count < enough && !workers.All(worker => worker.IsCompleted))
            {
                await Task.Delay(5);
            }

            await Task.Delay(random.Next(0, 200));
            await api.KillAsync();
            await stop.CancelAsync();
            await Task.WhenAll(workers);
            await api.RestartAsync();
        }

        Assert.NotEmpty(acknowledged);
        var listed = await AllImagesAsync(admin);
        Assert.Empty(acknowledged.Keys.Except(listed.Select(image => image.GetProperty("id").GetInt32())));
        HashSet<string> named = [];
        foreach (var image in listed)
        {
            using var file = await admin.GetAsync(image.GetProperty("file_url").GetString()!);
            var content = await file.Content.ReadAsByteArrayAsync();
            Assert.Equal(image.GetProperty("file_size").GetInt32(), content.Length);
            if (acknowledged.TryGetValue(image.GetProperty("id").GetInt32(), out var sent))
            {
                Assert.Equal(sent, content);
            }

            using var preview = await admin.GetAsync(image.GetProperty("preview_url").GetString()!);
            Assert.Equal(HttpStatusCode.OK, preview.StatusCode);
            using var details = await admin.GetAsync($"/api/medical/{image.GetProperty("id").GetInt32()}");
            var record = await details.ReadAsync();
            foreach (var field in new[] { "segmentation_mask_path", "mask_volume_path" })
            {
                if (record.GetProperty(field).GetString() is { } mask)
                {
                    using var answer = await admin.GetAsync(mask);
                    Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                    named.Add(mask);
                }
            }

            named.Add(image.GetProperty("file_url").GetString()!);
            named.Add(image.GetProperty("preview_url").GetString()!);
        }

        using var stats = await admin.GetAsync("/api/dashboard/stats");
        Assert.Equal(listed.Count, (await stats.ReadAsync()).GetProperty("totalImages").GetInt32());
        await OnlyAsync(api, named.Count);
    }

    private static async Task WorkAsync(
        HttpClient admin, ConcurrentDictionary<int, byte[]> acknowledged, int seed, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var content = Requests.Png(seed++, 200, 200);
                var id = await admin.UploadedIdAsync(content);
                acknowledged[id] = content;
                using var analysis = await admin.PostAsync($"/api/results/analyze/{id}");
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The process is gone.
        }
    }

    /// <summary>Waits until the blob folder holds exactly the blobs that records name: two files each, content and pointer.</summary>
    private static async Task OnlyAsync(ApiProcess api, int blobs)
    {
        var folder = Path.Combine(api.DataFolder, "blobs");
        var files = 0;
        for (var wait = 0; wait < 200; wait++)
        {
            files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length;
            if (files == 2 * blobs)
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"{files} files for {blobs} blobs");
    }

    private static async Task<List<JsonElement>> AllImagesAsync(HttpClient admin)
    {
        List<JsonElement> images = [];
        for (var page = 1; ; page++)
        {
            using var answer = await admin.GetAsync($"/api/medical/list?per_page=100&page={page}");
            var part = (await answer.ReadAsync()).GetProperty("images").EnumerateArray().ToArray();
            images.AddRange(part);
            if (part.Length < 100)
            {
                return images;
            }
        }
    }

    private static long ResidentBytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024;
    }
}
