using System.Net;
using System.Net.Http.Json;

namespace TumorFunctions.Api.Tests;

public sealed class BackupTests
{
    [Fact]
    public async Task A_backup_answers_as_the_reference_shows_and_is_listed_with_what_it_holds()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await FillAsync(admin, 5);

        using var answer = await admin.PostAsync("/api/admin/backup");
        var started = await answer.ReadAsync();

        Assert.Equal(
            ["message", "backup_id", "status", "estimated_duration_s"], started.EnumerateObject().Select(field => field.Name));
        Assert.Equal("Backup started", started.GetProperty("message").GetString());
        Assert.Matches(@"^backup_\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$", started.Id());
        Assert.Equal("in_progress", started.GetProperty("status").GetString());
        Assert.InRange(started.GetProperty("estimated_duration_s").GetInt32(), 1, 60);

        var backup = await admin.EndedAsync(started.Id());
        Assert.Equal("completed", backup.GetProperty("status").GetString());
        var state = await StoredState.ReadAsync(api.DataFolder);
        Assert.Equal(state.Keys.Count(key => key.StartsWith("blob ", StringComparison.Ordinal)), backup.Count("blobs"));
        Assert.True(backup.Count("documents") >= state.Keys.Count(key => key.StartsWith("documents", StringComparison.Ordinal)));
        Assert.Equal("admin", backup.GetProperty("started_by").GetString());
        Assert.True(backup.GetProperty("duration_s").GetDouble() > 0);
        using var list = await admin.GetAsync("/api/admin/backups");
        Assert.Equal(started.Id(), Assert.Single((await list.ReadAsync()).GetProperty("backups").EnumerateArray()).Id());
    }

    [Fact]
    public async Task All_that_was_deleted_comes_back_document_by_document_and_blob_by_blob()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var ids = await FillAsync(admin, 12);
        using (var upload = await admin.UploadModelAsync(ModelUploads.Scored(0.9f), "kept.onnx", ("card", """{"version": "3.1"}""")))
        {
            await upload.ReadAsync(HttpStatusCode.Created);
        }

        using var stats = await admin.GetAsync("/api/dashboard/stats");
        var figures = (await stats.ReadAsync()).GetRawText();
        var before = await StoredState.ReadAsync(api.DataFolder);
        var backup = await admin.BackedUpAsync();

        using (var deleted = await admin.PostAsync("/api/medical/delete-batch", new { ids }))
        {
            await deleted.ReadAsync();
        }

        using (var deleted = await admin.DeleteModelAsync("kept"))
        {
            await deleted.ReadAsync();
        }

        Assert.DoesNotContain((await StoredState.ReadAsync(api.DataFolder)).Keys, key => key.StartsWith("blob ", StringComparison.Ordinal));

        var restore = await admin.RestoredAsync(backup.Id());

        Assert.Equal(0, restore.Count("problem_count"));
        Assert.Equal(before, await StoredState.ReadAsync(api.DataFolder));
        using var again = await admin.GetAsync("/api/dashboard/stats");
        Assert.Equal(figures, (await again.ReadAsync()).GetRawText());
        Assert.DoesNotContain(await admin.UploadedIdAsync(), ids);
    }

    [Fact]
    public async Task A_new_deployment_takes_a_backup_with_its_accounts()
    {
        await using var old = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await old.LogInAsync();
        await FillAsync(admin, 6);
        using (var change = await admin.SendJsonAsync(
            HttpMethod.Post, "/api/auth/change-password", """{"old_password":"admin123","new_password":"Secret-4711"}"""))
        {
            Assert.True(change.IsSuccessStatusCode, await change.Content.ReadAsStringAsync());
        }

        using var doctor = await AccessTests.RegisterAsync(old, "doctor");
        using var trusted = await old.LogInAsync("admin", "Secret-4711");
        var backup = await trusted.BackedUpAsync();
        var before = await StoredState.ReadAsync(old.DataFolder);

        var folder = Directory.CreateTempSubdirectory("tumor-api-").FullName;
        try
        {
            BackupRequests.CopyBackups(old.DataFolder, folder);
            await using var api = await ApiProcess.StartAsync(BackupRequests.Settings, folder);
            using var newcomer = await api.LogInAsync();
            using var list = await newcomer.GetAsync("/api/admin/backups");
            var found = Assert.Single((await list.ReadAsync()).GetProperty("backups").EnumerateArray());
            Assert.Equal(backup.Id(), found.Id());
            Assert.Equal(backup.Count("documents"), found.Count("documents"));

            using (var start = await newcomer.PostAsync($"/api/admin/backups/{found.Id()}/restore"))
            {
                await start.ReadAsync(HttpStatusCode.Accepted);
            }

            using var known = await LogInWhenRestoredAsync(api, "Secret-4711");
            var restore = (await known.EndedAsync(found.Id())).GetProperty("restore");
            Assert.Equal("completed", restore.GetProperty("status").GetString());
            var after = await StoredState.ReadAsync(folder);
            Assert.Equal(Without(before, "documents.users/users/1"), Without(after, "documents.users/users/1"));
            using var relogin = await api.LogInAsync("doctor", "SecurePass123");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_newer_is_kept_unless_it_is_to_be_overwritten()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var ids = await FillAsync(admin, 4);
        var backup = await admin.BackedUpAsync();
        await UpdateAsync(admin, ids[0], "newer");
        var added = await admin.UploadedIdAsync(Requests.Png(900));
        using (var gone = await admin.DeleteAsync(new Uri($"/api/medical/{ids[1]}", UriKind.Relative)))
        {
            await gone.ReadAsync();
        }

        var state = await StoredState.ReadAsync(api.DataFolder);
        var dry = await admin.RestoredAsync(backup.Id(), dryRun: true);
        Assert.Equal(state, await StoredState.ReadAsync(api.DataFolder));

        var restore = await admin.RestoredAsync(backup.Id());
        Assert.Equal(dry.Count("written"), restore.Count("written"));
        Assert.True(restore.Count("kept_newer") > 0);
        Assert.Equal("newer", await DiagnosisAsync(admin, ids[0]));
        Assert.Equal("first", await DiagnosisAsync(admin, ids[1]));
        await DiagnosisAsync(admin, added);
        Assert.Equal(5, await TotalAsync(admin));

        await admin.RestoredAsync(backup.Id(), overwrite: true);
        Assert.Equal("first", await DiagnosisAsync(admin, ids[0]));
        await DiagnosisAsync(admin, added);
        Assert.Equal(5, await TotalAsync(admin));
        Assert.True(await admin.UploadedIdAsync(Requests.Png(901)) > added);
    }

    [Fact]
    public async Task Writes_during_a_backup_leave_it_whole_and_as_of_its_start()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var ids = await FillAsync(admin, 40);
        var state = await StoredState.ReadAsync(api.DataFolder);

        var id = await admin.StartBackupAsync();
        while ((await admin.BackupAsync(id)).GetProperty("current_step").GetString() is null or "创建快照")
        {
            await Task.Delay(1);
        }

        // Deleted and replaced before their turn to be copied comes.
        using (var deleted = await admin.PostAsync("/api/medical/delete-batch", new { ids = ids.Take(20) }))
        {
            await deleted.ReadAsync();
        }

        await Task.WhenAll(ids.Skip(20).Select(async (image, index) =>
        {
            await UpdateAsync(admin, image, "changed");
            await admin.UploadedIdAsync(Requests.Png(2000 + index));
        }));
        var backup = await admin.EndedAsync(id);
        Assert.Equal("completed", backup.GetProperty("status").GetString());
        Assert.Equal(0, backup.Count("missing_blobs"));
        Assert.Equal(0, (await admin.VerifiedAsync(id)).Count("problem_count"));

        await admin.RestoredAsync(id, overwrite: true);
        var restored = await StoredState.ReadAsync(api.DataFolder);
        foreach (var (key, value) in state.Where(pair => !IsCount(pair.Key)))
        {
            Assert.True(restored.TryGetValue(key, out var now) && now == value, key);
        }

        Assert.Equal(60, await TotalAsync(admin));
    }

    [Fact]
    public async Task A_second_backup_stores_only_what_is_new_and_a_deleted_one_takes_only_its_own()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var ids = await FillAsync(admin, 8);
        var first = await admin.BackedUpAsync();
        var old = await HashesAsync(api);
        Assert.Equal(old.Count, Contents(api));
        Assert.InRange(first.Count("new_bytes"), 1, first.Count("content_bytes"));

        await admin.UploadedIdAsync(Requests.Png(777));
        var second = await admin.BackedUpAsync();
        var all = await HashesAsync(api);
        Assert.Equal(all.Count, Contents(api));
        Assert.InRange(second.Count("new_bytes"), 1, second.Count("content_bytes") - first.Count("content_bytes"));
        using (var gone = await admin.PostAsync("/api/medical/delete-batch", new { ids }))
        {
            await gone.ReadAsync();
        }

        await DeleteBackupAsync(admin, first.Id());
        using var missing = await admin.GetAsync($"/api/admin/backups/{first.Id()}");
        await missing.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(all.Count, Contents(api));
        Assert.Equal(0, (await admin.VerifiedAsync(second.Id())).Count("problem_count"));

        var third = await admin.BackedUpAsync();
        Assert.Equal(0, third.Count("new_bytes"));
        await DeleteBackupAsync(admin, second.Id());
        Assert.Equal((await HashesAsync(api)).Count, Contents(api));
        Assert.True(Contents(api) < all.Count);
        Assert.Equal(0, (await admin.VerifiedAsync(third.Id())).Count("problem_count"));
    }

    [Fact]
    public async Task Only_one_runs_at_a_time_and_during_a_restore_others_are_asked_to_come_back()
    {
        var settings = BackupRequests.Settings;
        settings["Backups__SettleSeconds"] = "3";
        await using var api = await ApiProcess.StartAsync(settings);
        using var admin = await api.LogInAsync();
        await FillAsync(admin, 6);
        var running = await admin.StartBackupAsync();
        using (var second = await admin.PostAsync("/api/admin/backup"))
        {
            var refusal = await second.RefusedAsync(HttpStatusCode.Conflict, "BACKUP_BUSY");
            Assert.Contains(running, refusal.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        await admin.EndedAsync(running);
        using (var restore = await admin.PostAsync($"/api/admin/backups/{running}/restore"))
        {
            await restore.ReadAsync(HttpStatusCode.Accepted);
        }

        await Task.Delay(1100);
        using (var refused = await admin.GetAsync("/api/medical/list"))
        {
            await refused.RefusedAsync(HttpStatusCode.ServiceUnavailable, "MAINTENANCE");
            Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        foreach (var verb in new[] { "restore", "verify" })
        {
            using var refused = await admin.PostAsync($"/api/admin/backups/{running}/{verb}");
            await refused.RefusedAsync(HttpStatusCode.Conflict, "BACKUP_BUSY");
        }

        using (var refused = await admin.DeleteAsync(new Uri($"/api/admin/backups/{running}", UriKind.Relative)))
        {
            await refused.RefusedAsync(HttpStatusCode.Conflict, "BACKUP_BUSY");
        }

        using (var health = await admin.GetAsync("/health"))
        {
            await health.ReadAsync();
        }

        await admin.EndedAsync(running);
        await Task.Delay(1100);
        Assert.Equal(6, await TotalAsync(admin));
    }

    [Fact]
    public async Task Retention_keeps_the_newest_and_one_that_is_proven()
    {
        var settings = BackupRequests.Settings;
        settings["Backups__KeepLast"] = "2";
        await using var api = await ApiProcess.StartAsync(settings);
        using var admin = await api.LogInAsync();
        await FillAsync(admin, 2);
        List<string> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await admin.BackedUpAsync()).Id());
            if (i == 1)
            {
                Assert.Equal(0, (await admin.VerifiedAsync(ids[1])).Count("problem_count"));
            }
        }

        Assert.Equal([ids[4], ids[3], ids[1]], await ListedAsync(admin));
        Assert.Equal(0, (await admin.VerifiedAsync(ids[4])).Count("problem_count"));
        ids.Add((await admin.BackedUpAsync()).Id());
        Assert.Equal([ids[5], ids[4]], await ListedAsync(admin));
    }

    [Fact]
    public async Task A_name_that_was_given_to_somebody_else_since_has_one_owner()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await FillAsync(admin, 1);
        using var first = await AccessTests.RegisterAsync(api, "lidoctor");
        var backup = await admin.BackedUpAsync();
        using (var deleted = await admin.DeleteAsync(new Uri("/api/admin/users/2", UriKind.Relative)))
        {
            await deleted.ReadAsync();
        }

        using var second = await AccessTests.RegisterAsync(api, "lidoctor");

        Assert.Equal(["users/2"], Items(await admin.RestoredAsync(backup.Id())));
        Assert.Equal(3, await UserIdAsync("lidoctor"));
        Assert.Equal(["users/3"], Items(await admin.RestoredAsync(backup.Id(), overwrite: true)));
        Assert.Equal(2, await UserIdAsync("lidoctor"));
        using (var deleted = await admin.DeleteAsync(new Uri("/api/admin/users/3", UriKind.Relative)))
        {
            await deleted.ReadAsync();
        }

        Assert.Equal(2, await UserIdAsync("lidoctor"));
        Assert.Empty(Items(await admin.RestoredAsync(backup.Id())));

        static IEnumerable<string> Items(System.Text.Json.JsonElement restore) =>
            restore.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("item").GetString()!).Distinct();

        async Task<int> UserIdAsync(string name)
        {
            using var client = await api.LogInAsync(name, "SecurePass123");
            using var profile = await client.GetAsync("/api/auth/profile");
            return (await profile.ReadAsync()).GetProperty("user").GetProperty("id").GetInt32();
        }
    }

    [Fact]
    public async Task Only_administrators_come_near_a_backup()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var id = (await admin.BackedUpAsync()).Id();
        using var doctor = await AccessTests.RegisterAsync(api, "doctor");
        using var nobody = api.Anonymous();
        (HttpMethod Method, string Path)[] calls =
        [
            (HttpMethod.Post, "/api/admin/backup"), (HttpMethod.Get, "/api/admin/backups"), (HttpMethod.Get, $"/api/admin/backups/{id}"),
            (HttpMethod.Post, $"/api/admin/backups/{id}/verify"), (HttpMethod.Post, $"/api/admin/backups/{id}/restore"),
            (HttpMethod.Delete, $"/api/admin/backups/{id}"),
        ];
        foreach (var (method, path) in calls)
        {
            using var refused = await doctor.SendJsonAsync(method, path, "{}");
            await refused.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            using var unknown = await nobody.SendJsonAsync(method, path, "{}");
            await unknown.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
        }

        foreach (var wrong in new[] { "backup_2026-01-04T09:00:00", "..%2f..%2fmanifests", "x", "backup_2026-01-04T09:00:00_1_2" })
        {
            using var missing = await admin.GetAsync($"/api/admin/backups/{wrong}");
            await missing.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        using var field = await admin.PostAsync($"/api/admin/backups/{id}/restore", new { overwrit = true });
        await field.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task The_clock_starts_a_backup()
    {
        var settings = BackupRequests.Settings;
        settings["Backups__Schedule"] = "*/2 * * * * *";
        await using var api = await ApiProcess.StartAsync(settings);
        using var admin = await api.LogInAsync();
        for (var wait = 0; wait < 200; wait++)
        {
            using var list = await admin.GetAsync("/api/admin/backups");
            if ((await list.ReadAsync()).GetProperty("backups").EnumerateArray()
                .Any(backup => backup.GetProperty("status").GetString() == "completed"))
            {
                return;
            }

            await Task.Delay(100);
        }

        Assert.Fail(api.Output);
    }

    /// <summary>Images, some analysed, all with the diagnosis "first".</summary>
    internal static async Task<List<int>> FillAsync(HttpClient admin, int count)
    {
        List<int> ids = [];
        for (var i = 0; i < count; i++)
        {
            ids.Add(await admin.UploadedIdAsync(Requests.Png(100 + i), ("diagnosis", "first"), ("patient_id", $"P-{i}")));
        }

        foreach (var id in ids.Take(3))
        {
            using var analysis = await admin.PostAsync($"/api/results/analyze/{id}");
            await analysis.ReadAsync();
        }

        return ids;
    }

    internal static async Task<int> TotalAsync(HttpClient admin)
    {
        using var list = await admin.GetAsync("/api/medical/list?per_page=1");
        using var stats = await admin.GetAsync("/api/dashboard/stats");
        var total = (await list.ReadAsync()).GetProperty("pagination").GetProperty("total").GetInt32();
        Assert.Equal(total, (await stats.ReadAsync()).GetProperty("totalImages").GetInt32());
        return total;
    }

    private static bool IsCount(string key) =>
        key.Contains("/counts", StringComparison.Ordinal) || key.Contains("/month-", StringComparison.Ordinal)
        || key.Contains("/uploaders", StringComparison.Ordinal) || key.Contains("/ids/", StringComparison.Ordinal);

    private static async Task UpdateAsync(HttpClient admin, int image, string diagnosis)
    {
        using var answer = await admin.PutAsJsonAsync($"/api/medical/{image}", new { diagnosis });
        await answer.ReadAsync();
    }

    private static async Task<string?> DiagnosisAsync(HttpClient admin, int image)
    {
        using var answer = await admin.GetAsync($"/api/medical/{image}");
        var record = await answer.ReadAsync();
        using var file = await admin.GetAsync(record.GetProperty("file_url").GetString()!);
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);
        return record.GetProperty("diagnosis").GetString();
    }

    private static async Task<IEnumerable<string>> ListedAsync(HttpClient admin)
    {
        using var list = await admin.GetAsync("/api/admin/backups");
        return [.. (await list.ReadAsync()).GetProperty("backups").EnumerateArray().Select(backup => backup.Id())];
    }

    private static async Task DeleteBackupAsync(HttpClient admin, string id)
    {
        using var delete = await admin.DeleteAsync(new Uri($"/api/admin/backups/{id}", UriKind.Relative));
        await delete.ReadAsync();
    }

    /// <summary>Of all blobs, each once.</summary>
    private static async Task<HashSet<string>> HashesAsync(ApiProcess api) =>
    [
        .. (await StoredState.ReadAsync(api.DataFolder))
            .Where(pair => pair.Key.StartsWith("blob ", StringComparison.Ordinal)).Select(pair => pair.Value.Split(' ')[0]),
    ];

    private static int Contents(ApiProcess api) =>
        Directory.GetFiles(Path.Combine(api.DataFolder, "blobs", "data", "backups"), "content*", SearchOption.AllDirectories).Length;

    private static SortedDictionary<string, string> Without(SortedDictionary<string, string> state, string key)
    {
        state.Remove(key);
        return state;
    }

    private static async Task<HttpClient> LogInWhenRestoredAsync(ApiProcess api, string password)
    {
        for (var wait = 0; ; wait++)
        {
            using var client = api.Anonymous();
            using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username = "admin", password });
            if (answer.IsSuccessStatusCode || wait == 200)
            {
                return await api.LogInAsync("admin", password);
            }

            await Task.Delay(answer.StatusCode == HttpStatusCode.TooManyRequests ? 2000 : 300);
        }
    }
}
