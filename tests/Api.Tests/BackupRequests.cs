using System.Net;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>What tests of backups say to the API.</summary>
public static class BackupRequests
{
    public const string InProgress = "in_progress";
    public const string Completed = "completed";

    /// <summary>Little is waited for, and parts are small, so that few images make many activities.</summary>
    public static Dictionary<string, string> Settings => new()
    {
        ["Backups__BlobsPerPart"] = "7",
        ["Backups__DocumentBytesPerPart"] = "3000",
        ["Backups__SettleSeconds"] = "0.1",
        ["Backups__RetrySeconds"] = "0.1",
        ["Backups__MaxAttempts"] = "3",
    };

    public static async Task<string> StartBackupAsync(this HttpClient admin)
    {
        using var answer = await admin.PostAsync("/api/admin/backup");
        return (await answer.ReadAsync()).GetProperty("backup_id").GetString()!;
    }

    public static async Task<JsonElement> BackupAsync(this HttpClient admin, string id)
    {
        using var answer = await admin.GetAsync($"/api/admin/backups/{id}");
        return await answer.ReadAsync();
    }

    /// <summary>A backup that is done, and good.</summary>
    public static async Task<JsonElement> BackedUpAsync(this HttpClient admin)
    {
        var backup = await admin.EndedAsync(await admin.StartBackupAsync());
        Assert.Equal(Completed, backup.GetProperty("status").GetString());
        return backup;
    }

    /// <summary>The backup, once neither it nor its verification or restore is under way.</summary>
    public static async Task<JsonElement> EndedAsync(this HttpClient admin, string id)
    {
        for (var wait = 0; wait < 2400; wait++)
        {
            var backup = await admin.BackupAsync(id);
            if (backup.GetProperty("status").GetString() != InProgress
                && !IsUnderWay(backup.GetProperty("verification")) && !IsUnderWay(backup.GetProperty("restore")))
            {
                return backup;
            }

            await Task.Delay(50);
        }

        throw new TimeoutException((await admin.BackupAsync(id)).GetRawText());

        static bool IsUnderWay(JsonElement task) =>
            task.ValueKind == JsonValueKind.Object && task.GetProperty("status").GetString() == InProgress;
    }

    public static async Task<JsonElement> VerifiedAsync(this HttpClient admin, string id)
    {
        using var answer = await admin.PostAsync($"/api/admin/backups/{id}/verify");
        await answer.ReadAsync(HttpStatusCode.Accepted);
        return (await admin.EndedAsync(id)).GetProperty("verification");
    }

    public static async Task<JsonElement> RestoredAsync(
        this HttpClient admin, string id, bool overwrite = false, bool dryRun = false, string expected = Completed)
    {
        using var answer = await admin.PostAsync($"/api/admin/backups/{id}/restore", new { overwrite, dry_run = dryRun });
        await answer.ReadAsync(HttpStatusCode.Accepted);
        var restore = (await admin.EndedAsync(id)).GetProperty("restore");
        Assert.True(restore.GetProperty("status").GetString() == expected, restore.GetRawText());
        return restore;
    }

    public static string Id(this JsonElement backup) => backup.GetProperty("backup_id").GetString()!;

    public static long Count(this JsonElement backup, string field) => backup.GetProperty(field).GetInt64();

    /// <summary>Takes the container of the backups from one deployment to another, as an operator would.</summary>
    public static void CopyBackups(string fromData, string toData)
    {
        foreach (var tree in new[] { "index", "data" })
        {
            var from = Path.Combine(fromData, "blobs", tree, "backups");
            foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
            {
                var to = Path.Combine(toData, "blobs", tree, "backups", Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
        }
    }
}
