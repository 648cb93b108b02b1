using System.Net;

namespace TumorFunctions.Api.Tests;

/// <summary>SIGKILL while a backup or a restore is under way.</summary>
public sealed class BackupKillTests
{
    private const int Kills = 5;

    [Fact]
    public async Task A_backup_survives_kills_and_holds_the_state_of_its_start()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var ids = await BackupTests.FillAsync(admin, 40);
        var state = await StoredState.ReadAsync(api.DataFolder);
        var id = await admin.StartBackupAsync();
        await KillAsync(api, admin, id, 71);

        var backup = await admin.EndedAsync(id);

        Assert.True(backup.GetProperty("status").GetString() == "completed", backup.GetRawText());
        Assert.Equal(0, backup.Count("missing_blobs"));
        Assert.Equal(0, (await admin.VerifiedAsync(id)).Count("problem_count"));
        Assert.Empty(Directory.GetFiles(api.DataFolder, "*snapshot*"));
        Assert.False(File.Exists(Path.Combine(api.DataFolder, "blobs", "hold")));
        using (var deleted = await admin.PostAsync("/api/medical/delete-batch", new { ids }))
        {
            await deleted.ReadAsync();
        }

        await admin.RestoredAsync(id);
        Assert.Equal(state, await StoredState.ReadAsync(api.DataFolder));
    }

    [Fact]
    public async Task A_restore_survives_kills_and_is_whole()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var ids = await BackupTests.FillAsync(admin, 40);
        var state = await StoredState.ReadAsync(api.DataFolder);
        var id = (await admin.BackedUpAsync()).GetProperty("backup_id").GetString()!;
        using (var deleted = await admin.PostAsync("/api/medical/delete-batch", new { ids }))
        {
            await deleted.ReadAsync();
        }

        using (var start = await admin.PostAsync($"/api/admin/backups/{id}/restore"))
        {
            await start.ReadAsync(HttpStatusCode.Accepted);
        }

        await KillAsync(api, admin, id, 72);
        var restore = (await admin.EndedAsync(id)).GetProperty("restore");
        Assert.True(restore.GetProperty("status").GetString() == "completed", restore.GetRawText());
        Assert.Equal(state, await StoredState.ReadAsync(api.DataFolder));
        await Task.Delay(1100);
        Assert.Equal(40, await BackupTests.TotalAsync(admin));
        Assert.DoesNotContain(await admin.UploadedIdAsync(), ids);
    }

    /// <summary>At random steps: each time after another one has been seen, or soon after the start.</summary>
    private static async Task KillAsync(ApiProcess api, HttpClient admin, string id, int seed)
    {
        var random = new Random(seed);
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(random.Next(0, 400));
            await api.KillAsync();
            await api.RestartAsync();
            var backup = await admin.BackupAsync(id);
            Assert.True(backup.GetProperty("status").GetString() != "failed", backup.GetRawText());
        }
    }
}
