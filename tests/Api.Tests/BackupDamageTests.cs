using System.Net;
using System.Text;
using System.Text.Json;
using TumorFunctions.Api.Backups;
using TumorFunctions.Storage;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Api.Tests;

/// <summary>Backups that rotted, lost files, or were written by somebody else.</summary>
public sealed class BackupDamageTests
{
    private const string Id = "backup_2026-01-04T09:00:00";

    [Fact]
    public async Task A_flipped_byte_is_named_nothing_is_restored_from_it_and_the_next_backup_mends_it()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await BackupTests.FillAsync(admin, 6);
        var backup = await admin.BackedUpAsync();
        Assert.Equal(0, (await admin.VerifiedAsync(backup.Id())).Count("problem_count"));
        var state = await StoredState.ReadAsync(api.DataFolder);
        var content = Files(api, "content").Order(StringComparer.Ordinal).ElementAt(3);
        Flip(content);

        var verification = await admin.VerifiedAsync(backup.Id());

        var hash = Path.GetFileName(content).Split('~')[0][^64..];
        var named = state.Where(pair => pair.Value.StartsWith(hash, StringComparison.OrdinalIgnoreCase)).Select(pair => pair.Key["blob ".Length..]);
        Assert.Equal(
            named.Order(StringComparer.Ordinal),
            verification.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("item").GetString()!).Order(StringComparer.Ordinal));
        Assert.NotEqual(0, verification.Count("problem_count"));
        Assert.Equal("completed", verification.GetProperty("status").GetString());
        var restore = await admin.RestoredAsync(backup.Id(), overwrite: true, expected: "failed");
        Assert.NotEqual(0, restore.Count("problem_count"));
        Assert.Equal(JsonValueKind.Null, restore.GetProperty("written").ValueKind);
        Assert.Equal(state, await StoredState.ReadAsync(api.DataFolder));

        var next = await admin.BackedUpAsync();
        Assert.Equal(0, (await admin.VerifiedAsync(next.Id())).Count("problem_count"));
        Assert.Equal(0, (await admin.VerifiedAsync(backup.Id())).Count("problem_count"));
    }

    [Theory]
    [InlineData("content")]
    [InlineData("backup_")]
    [InlineData("manifests")]
    public async Task A_file_that_is_missing_or_changed_is_named(string kind)
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await BackupTests.FillAsync(admin, 2);
        var backup = await admin.BackedUpAsync();
        var files = Files(api, kind);
        var random = new Random(5);
        foreach (var file in files.OrderBy(_ => random.Next()).Take(3))
        {
            var bytes = await File.ReadAllBytesAsync(file);
            Flip(file);
            Assert.NotEqual(0, (await admin.VerifiedAsync(backup.Id())).Count("problem_count"));
            await File.WriteAllBytesAsync(file, bytes[..^1]);
            Assert.NotEqual(0, (await admin.VerifiedAsync(backup.Id())).Count("problem_count"));
            File.Delete(file);
            Assert.NotEqual(0, (await admin.VerifiedAsync(backup.Id())).Count("problem_count"));
            await File.WriteAllBytesAsync(file, bytes);
            Assert.Equal(0, (await admin.VerifiedAsync(backup.Id())).Count("problem_count"));
        }
    }

    [Fact]
    public async Task Manifests_of_strangers_are_refused_by_what_is_wrong_with_them()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        var archive = new BackupArchive(new FileBlobStore(Path.Combine(api.DataFolder, "blobs")));
        var part = await archive.WritePartAsync<DocumentLine>(BackupArchive.DocumentPart(Id, 0), [], 0, 0, default);
        var good = Manifest([part], []);
        (BackupManifest Manifest, string Says)[] hostile =
        [
            (good with { FormatVersion = 2 }, "format 2"),
            (good with { BackupId = "backup_2026-01-04T09:00:01" }, "manifest of"),
            (good with { Documents = null! }, "missing"),
            (good with { Documents = [part with { Name = "../../documents.db" }] }, "../../documents.db"),
            (good with { Documents = [part with { Name = BackupArchive.BlobPart(Id, 0) }] }, "not possible"),
            (good with { Documents = [part with { RawLength = long.MaxValue }] }, "not possible"),
            (good with { Documents = [part with { Items = int.MaxValue, RawLength = 10 }] }, "not possible"),
            (good with { Documents = [part with { Length = -1 }] }, "not possible"),
            (good with { Documents = [part with { Sha256 = "../x" }] }, "not possible"),
            (good with { Documents = [null!] }, "not possible"),
            (good with { Models = [new BackupModel("../evil", new string('0', 64), 1, null, 0, default, 0)] }, "../evil"),
            (good with { Models = [new BackupModel("evil", "0", 1, null, 0, default, 0)] }, "evil"),
        ];
        for (var i = 0; i < hostile.Length; i++)
        {
            var id = Id.Replace("09:00:00", $"10:{i:00}:00", StringComparison.Ordinal);
            var manifest = hostile[i].Manifest.BackupId == Id ? hostile[i].Manifest with { BackupId = id } : hostile[i].Manifest;
            await WriteAsync(api, BackupArchive.ManifestName(id), JsonSerializer.Serialize(manifest, BackupArchive.Json).Replace(Id, id, StringComparison.Ordinal));
            var found = await admin.BackupAsync(id);
            Assert.True(found.GetProperty("status").GetString() == "failed", hostile[i].Says);
            Assert.Contains(hostile[i].Says, found.GetProperty("error").GetString(), StringComparison.Ordinal);
            using var refused = await admin.PostAsync($"/api/admin/backups/{id}/restore");
            await refused.RefusedAsync(HttpStatusCode.Conflict, "BACKUP_NOT_COMPLETED");
        }

        foreach (var text in new[] { "", "null", "[]", "{", "{\"format_version\":\"x\"}", new string('[', 5000) })
        {
            await WriteAsync(api, BackupArchive.ManifestName("backup_2026-01-04T08:00:00"), text);
            Assert.Equal("failed", (await admin.BackupAsync("backup_2026-01-04T08:00:00")).GetProperty("status").GetString());
            using var deleted = await admin.DeleteAsync(new Uri("/api/admin/backups/backup_2026-01-04T08:00:00", UriKind.Relative));
            await deleted.ReadAsync();
        }
    }

    [Fact]
    public async Task Lines_of_strangers_are_named_and_nothing_is_written()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await BackupTests.FillAsync(admin, 1);
        var state = await StoredState.ReadAsync(api.DataFolder);
        var archive = new BackupArchive(new FileBlobStore(Path.Combine(api.DataFolder, "blobs")));
        var (sha256, _) = await archive.KeepAsync(new MemoryStream("content"u8.ToArray()), new HashSet<string>(), default);
        var body = JsonSerializer.SerializeToElement(new { role = "admin" });
        var blob = new BlobLine("images", "a", "e", 7, "image/png", default, new Dictionary<string, string>(), sha256);
        var document = new DocumentLine("users", "users", "1", DateTimeOffset.MaxValue, body);
        object[] hostile =
        [
            document with { Container = "backups" },
            document with { Container = "nobody" },
            document with { PartitionKey = "../.." },
            document with { Id = "" },
            document with { Body = JsonSerializer.SerializeToElement(1) },
            blob with { Container = "backups" },
            blob with { Container = "../images" },
            blob with { Name = "../../../documents.db" },
            blob with { Name = "a\\b" },
            blob with { Sha256 = new string('0', 64) },
            blob with { Sha256 = "../../signing.key" },
            blob with { Length = 8 },
            blob with { ContentType = "image/png\r\nX: y" },
            blob with { Metadata = new Dictionary<string, string> { ["a"] = "\n" } },
        ];
        for (var i = 0; i < hostile.Length; i++)
        {
            var id = Id.Replace("09:00:00", $"10:{i:00}:00", StringComparison.Ordinal);
            var manifest = hostile[i] is DocumentLine line
                ? Manifest([await archive.WritePartAsync(BackupArchive.DocumentPart(id, 0), [document with { Id = "2" }, line], 0, 0, default)], [])
                : Manifest([], [await archive.WritePartAsync(BackupArchive.BlobPart(id, 0), [blob with { Name = "b" }, (BlobLine)hostile[i]], 0, 0, default)]);
            await archive.WriteManifestAsync(manifest with { BackupId = id }, default);

            var restore = await admin.RestoredAsync(id, overwrite: true, expected: "failed");

            Assert.True(restore.Count("problem_count") == 1, $"{hostile[i]}: {restore.GetRawText()}");
        }

        // A part that unpacks to more than it says.
        var bomb = await archive.WritePartAsync(
            BackupArchive.BlobPart(Id, 0), Enumerable.Repeat(blob with { Name = new string('a', 900) }, 20_000).ToArray(), 0, 0, default);
        await archive.WriteManifestAsync(Manifest([], [bomb with { RawLength = 50_000 }]), default);
        Assert.Equal(1, (await admin.RestoredAsync(Id, overwrite: true, expected: "failed")).Count("problem_count"));
        Assert.Equal(state, await StoredState.ReadAsync(api.DataFolder));
    }

    [Fact]
    public async Task A_backup_that_fails_says_why_leaves_nothing_and_blocks_nobody()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await BackupTests.FillAsync(admin, 3);

        // A folder where a pointer has to be.
        var obstacle = Path.Combine(api.DataFolder, "blobs", "data", "backups");
        if (Directory.Exists(obstacle))
        {
            Directory.Delete(obstacle, recursive: true);
        }

        await File.WriteAllTextAsync(obstacle, "in the way");
        using (var refused = await admin.PostAsync("/api/admin/backup"))
        {
            // The probe for the estimate meets it already.
            await refused.RefusedAsync(HttpStatusCode.InternalServerError);
        }

        File.Delete(obstacle);
        var first = await admin.BackedUpAsync();
        Directory.Move(obstacle, obstacle + ".away");
        await File.WriteAllTextAsync(obstacle, "in the way");
        var failed = await admin.EndedAsync(await admin.StartBackupAsync());
        Assert.Equal("failed", failed.GetProperty("status").GetString());
        Assert.False(string.IsNullOrWhiteSpace(failed.GetProperty("error").GetString()));

        Assert.Contains("failed_backups", await TodosAsync(admin), StringComparison.Ordinal);
        using (var entries = await admin.GetAsync("/api/admin/audit?action=backup.failed"))
        {
            Assert.Contains(failed.Id(), (await entries.ReadAsync()).GetRawText(), StringComparison.Ordinal);
        }

        File.Delete(obstacle);
        Directory.Move(obstacle + ".away", obstacle);
        Assert.Empty(Directory.GetFiles(api.DataFolder, "*snapshot*"));
        Assert.False(File.Exists(Path.Combine(api.DataFolder, "blobs", "hold")));
        Assert.Equal(0, (await admin.VerifiedAsync(first.Id())).Count("problem_count"));
        await admin.BackedUpAsync();
        Assert.DoesNotContain("failed_backups", await TodosAsync(admin), StringComparison.Ordinal);
    }

    private static async Task<string> TodosAsync(HttpClient admin)
    {
        using var todos = await admin.GetAsync("/api/dashboard/todos");
        return await todos.Content.ReadAsStringAsync();
    }

    private static BackupManifest Manifest(IReadOnlyList<BackupPart> documents, IReadOnlyList<BackupPart> blobs) => new()
    {
        FormatVersion = BackupManifest.CurrentFormat,
        BackupId = Id,
        StartedAt = DateTimeOffset.UnixEpoch,
        AsOf = DateTimeOffset.UnixEpoch,
        IsPointInTime = true,
        FinishedAt = DateTimeOffset.UnixEpoch,
        Documents = documents,
        Blobs = blobs,
        Models = [],
    };

    private static Task<BlobProperties> WriteAsync(ApiProcess api, string name, string text) =>
        new FileBlobStore(Path.Combine(api.DataFolder, "blobs")).WriteAsync(
            new BlobAddress(BackupArchive.Container, name),
            new MemoryStream(Encoding.UTF8.GetBytes(text)),
            new BlobWriteOptions { ContentType = "application/json", Overwrite = true });

    private static string[] Files(ApiProcess api, string start) =>
        Directory.GetFiles(Path.Combine(api.DataFolder, "blobs", "data", "backups"), $"{start}*", SearchOption.AllDirectories);

    private static void Flip(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0x10;
        File.WriteAllBytes(file, bytes);
    }
}
