using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>The process is killed again and again while it works; after the last start everything is as if it never had been.</summary>
public sealed class KillTests
{
    private const int JobCount = 20;
    private const int FileCount = 50;

    /// <summary>Blobs of an image with a tumour: file, preview, mask of a slice, mask of all, surface and texture.</summary>
    private const int BlobsOfAnImage = 6;

    [Fact]
    public async Task Jobs_and_uploads_survive_kills_and_each_image_has_one_result()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("TUMOR_TEST_KILLS") ?? "10", CultureInfo.InvariantCulture);
        using var models = new MirrorFixture();
        models.Write();
        await using var api = await ApiProcess.StartAsync(new()
        {
            ["Models__Folder"] = models.ModelFolder,
            ["Models__Default"] = "sure",
            ["Images__OrphanGraceSeconds"] = "3",
            ["Segmentation__GraceSeconds"] = "3",
        });
        using var admin = await api.LogInAsync();
        List<int> images = [];
        var volume = Phantoms.Nifti(Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z)));
        for (var i = 0; i < JobCount; i++)
        {
            using var upload = await admin.UploadAsync(volume, "scan.nii", ("patient_id", $"J{i}"));
            images.Add((await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32());
        }

        // Clients ask again until they have an answer, as clients do.
        var jobs = new ConcurrentDictionary<string, bool>();
        var backup = StubbornAsync(() => StartBackupAsync(admin));
        var clients = Task.WhenAll(
            Task.WhenAll(images.Select(image => StubbornAsync(async () =>
            {
                using var answer = await admin.StartKeyedAsync($"kill-{image}", new { image_id = image });
                jobs[(await answer.ReadAsync()).GetProperty("job_id").GetString()!] = true;
            }))),
            Parallel.ForAsync(0, FileCount, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (i, _) =>
            {
                var url = "";
                var content = Requests.Png(i, 64, 64);
                await StubbornAsync(async () =>
                {
                    using var answer = await admin.PostAsync(
                        "/api/medical/upload-url", new { filename = $"{i}.png", size = content.Length, patient_id = $"F{i}" });
                    url = (await answer.ReadAsync()).GetProperty("upload_url").GetString()!;
                });
                await StubbornAsync(async () =>
                {
                    using var answer = await admin.PutAsync(new Uri(url, UriKind.Relative), new ByteArrayContent(content));
                    Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
                });
            }));

        var random = new Random(20260104);
        for (var kill = 0; kill < kills; kill++)
        {
            // By progress, so that every round has work to be cut off, and then anywhere within it.
            var enough = Results(api) + random.Next(1, Math.Max(2, 2 * (JobCount + FileCount) / (3 * kills)));
            var patience = DateTime.UtcNow.AddSeconds(60);
            while (Results(api) < Math.Min(enough, JobCount + FileCount) && DateTime.UtcNow < patience)
            {
                await Task.Delay(5);
            }

            await Task.Delay(random.Next(60));
            await api.KillAsync();
            await api.RestartAsync();
        }

        await clients;
        await backup;
        Assert.Equal(JobCount, jobs.Count);
        await admin.WaitForAsync(JobCount + FileCount, 0, TimeSpan.FromMinutes(10), () => 0);
        foreach (var jobId in jobs.Keys)
        {
            var item = Assert.Single((await admin.ResultAsync(jobId)).GetProperty("items").EnumerateArray());
            Assert.True(item.GetProperty("result").GetProperty("tumor_detected").GetBoolean());
        }

        foreach (var patient in Enumerable.Range(0, JobCount).Select(i => $"J{i}").Concat(Enumerable.Range(0, FileCount).Select(i => $"F{i}")))
        {
            Assert.Equal(1, await admin.CountAsync(patient));
        }

        using var list = await admin.GetAsync("/segmentation?per_page=1");
        Assert.Equal(JobCount + FileCount, (await list.ReadAsync()).GetProperty("pagination").GetProperty("total").GetInt32());
        using var stats = await admin.GetAsync("/api/dashboard/stats");
        Assert.Equal(JobCount + FileCount, (await stats.ReadAsync()).GetProperty("totalImages").GetInt32());
        await OnlyAsync(api);
        await EndBackupAsync(admin);
    }

    /// <summary>A client that was cut off asks again, and is told then that its backup is under way.</summary>
    private static async Task StartBackupAsync(HttpClient admin)
    {
        using var answer = await admin.PostAsync("/api/admin/backup");
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Conflict, await answer.Content.ReadAsStringAsync());
    }

    private static async Task EndBackupAsync(HttpClient admin)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            using var answer = await admin.GetAsync("/api/admin/backups");
            var text = (await answer.ReadAsync()).GetRawText();
            Assert.DoesNotContain("\"failed\"", text, StringComparison.Ordinal);
            if (!text.Contains("in_progress", StringComparison.Ordinal))
            {
                Assert.Contains("\"completed\"", text, StringComparison.Ordinal);
                return;
            }

            await Task.Delay(200, patience.Token);
        }
    }

    /// <summary>Tries until the process lives long enough to answer.</summary>
    private static async Task StubbornAsync(Func<Task> request)
    {
        for (var patience = DateTime.UtcNow.AddMinutes(5); ;)
        {
            try
            {
                await request();
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or JsonException && DateTime.UtcNow < patience)
            {
                await Task.Delay(100);
            }
        }
    }

    private static int Results(ApiProcess api) => Files(api, "segmentation-results");

    private static int Files(ApiProcess api, string container)
    {
        var folder = Path.Combine(api.DataFolder, "blobs", "data", container);
        return Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length : 0;
    }

    /// <summary>Waits until the blobs are those of the images and one result each, and none besides.</summary>
    private static async Task OnlyAsync(ApiProcess api)
    {
        const int Images = JobCount + FileCount;
        (int Images, int Results, int Work, int Inbox) expected = (BlobsOfAnImage * Images, Images, 0, 0);
        (int Images, int Results, int Work, int Inbox) found = default;
        for (var wait = 0; wait < 900; wait++)
        {
            found = (Files(api, "medical-images"), Results(api), Files(api, "segmentation-work"), Files(api, "inbox"));
            if (found == expected)
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail($"{found}, not {expected}");
    }
}
