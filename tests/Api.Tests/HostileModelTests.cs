using System.Globalization;
using System.Net;
using TumorFunctions.Core.Tests.Segmentation;

namespace TumorFunctions.Api.Tests;

/// <summary>Model files made to do harm are refused with a reason, and the API goes on as if nothing had happened.</summary>
public sealed class HostileModelTests
{
    [Fact]
    public async Task A_hundred_hostile_models_are_refused_while_the_active_one_serves()
    {
        const int Count = 100;
        const long MostGrowth = 400L << 20;
        await using var api = await ApiProcess.StartAsync(new() { ["Models__TrialMemoryBytes"] = "1073741824" });
        using var admin = await api.LogInAsync();
        var image = await admin.UploadedIdAsync();
        var before = await admin.AnalysedAsync(image);
        var memory = ResidentBytes(api.ProcessId);

        var shipped = await File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "models", "Yolov11_best.onnx"));
        List<(string Kind, byte[] File, string Reason)> files =
        [
            .. HostileModels.Crafted.Select(kind => (kind.Key, kind.Value.File(), kind.Value.Reason)),
            ("matrix of 16 GiB when run", HostileModels.OuterProduct(1 << 16), "memory"),
        ];
        files.AddRange(HostileModels.Damaged(shipped, seed: 11, Count - files.Count).Select(damaged => (damaged.Kind, damaged.File, "")));
        Assert.Equal(Count, files.Count);
        for (var i = 0; i < files.Count; i++)
        {
            var (kind, file, reason) = files[i];
            using var answer = await admin.UploadModelAsync(file, $"hostile{i}.onnx");
            Assert.True(answer.StatusCode == HttpStatusCode.BadRequest, $"{kind}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
            var refusal = await answer.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_MODEL");
            var message = refusal.GetProperty("message").GetString()!;
            Assert.True(message.Contains(reason, StringComparison.OrdinalIgnoreCase) && message.Length > 10, $"{kind}: {message}");
            if (i % 10 == 0)
            {
                Assert.Equal(before, await admin.AnalysedAsync(image));
            }
        }

        Assert.Equal(before, await admin.AnalysedAsync(image));
        Assert.Empty(api.StoredModels());
        using var list = await admin.GetAsync("/api/admin/models");
        Assert.Equal(1, (await list.ReadAsync()).GetProperty("total").GetInt32());
        Assert.InRange(ResidentBytes(api.ProcessId), 0, memory + MostGrowth);
    }

    [Fact]
    public async Task A_model_that_takes_for_ever_is_given_up()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Models__TrialSeconds"] = "4" });
        using var admin = await api.LogInAsync();
        using var answer = await admin.UploadModelAsync(HostileModels.Slow(turns: 10_000, side: 2048), "slow.onnx");
        var refusal = await answer.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_MODEL");
        Assert.Contains("longer than 4 s", refusal.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(api.StoredModels());
        Assert.Equal("Yolov11_best", (await admin.AnalysedAsync(await admin.UploadedIdAsync())).Model);
    }

    [Fact]
    public async Task Bad_files_in_the_models_folder_are_listed_with_their_problem_and_harm_nobody()
    {
        using var folder = new TestModels.Folder();
        folder.Write("good.onnx", ModelUploads.Scored(0.9f));
        folder.Write("huge.onnx", HostileModels.OuterProduct(1 << 16));
        folder.Write("loop.onnx", HostileModels.Crafted["endless Loop"].File());
        await using var api = await ApiProcess.StartAsync(new()
        {
            ["Models__Folder"] = folder.Path,
            ["Models__Default"] = "good",
            ["Models__TrialMemoryBytes"] = "1073741824",
        });
        using var admin = await api.LogInAsync();
        var image = await admin.UploadedIdAsync();
        Assert.Equal(("good", 0.9), await admin.AnalysedAsync(image));
        Assert.Contains("memory", (await admin.ListedAsync("huge")).GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Contains("Loop", (await admin.ListedAsync("loop")).GetProperty("problem").GetString(), StringComparison.Ordinal);
        using var asked = await admin.PostAsync($"/api/results/analyze/{image}", new { weightPath = "huge" });
        await asked.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
        using var activated = await admin.PostAsync("/api/admin/models/loop/activate");
        await activated.RefusedAsync(HttpStatusCode.BadRequest, "INVALID_MODEL");

        folder.Write("good.onnx", HostileModels.OuterProduct(1 << 16));
        using var reload = await admin.PostAsync("/api/admin/model/update");
        await reload.RefusedAsync(HttpStatusCode.InternalServerError, "MODEL_ERROR");
        Assert.Equal(("good", 0.9), await admin.AnalysedAsync(image));
    }

    private static long ResidentBytes(int processId)
    {
        var line = File.ReadLines($"/proc/{processId}/status").Single(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
