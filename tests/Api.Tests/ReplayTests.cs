using System.Net;
using Microsoft.Data.Sqlite;

namespace TumorFunctions.Api.Tests;

/// <summary>Every orchestrator, run again from its start over all of its recorded history, comes to the same decisions.</summary>
public sealed class ReplayTests
{
    private const int Running = 0;
    private const int Completed = 1;

    [Fact]
    public async Task Orchestrators_replay_their_recorded_history()
    {
        using var models = new MirrorFixture();
        await models.InitializeAsync();
        var api = models.Api;
        List<int> images = [];
        foreach (var seed in Enumerable.Range(0, 3))
        {
            images.Add(await models.Admin.UploadedIdAsync(Requests.Png(seed)));
        }

        using var upload = await models.Admin.UploadAsync(Phantoms.Nifti(Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z))), "scan.nii");
        images.Add((await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32());
        var jobId = await models.Admin.StartJobAsync(new { image_ids = images });
        Assert.Equal("completed", (await models.Admin.EndAsync(jobId)).GetProperty("status").GetString());
        await Settled(api);
        await api.KillAsync();

        // The items first, while nobody waits for them; then the jobs.
        foreach (var orchestrator in new[] { "RunSegmentationItem", "RunSegmentation" })
        {
            var before = Read(api, "SELECT instance, kind, task, name, target, data, due FROM history ORDER BY seq");
            var statuses = Read(api, "SELECT id, status, output, custom_status, failure FROM instances ORDER BY id");
            Assert.NotEqual(0, Execute(api, $"UPDATE instances SET status={Running}, processed=0, output=NULL, custom_status=NULL WHERE name='{orchestrator}'"));
            await api.RestartAsync();
            await Settled(api);
            await api.KillAsync();
            Assert.Equal(before, Read(api, "SELECT instance, kind, task, name, target, data, due FROM history ORDER BY seq"));
            Assert.Equal(statuses, Read(api, "SELECT id, status, output, custom_status, failure FROM instances ORDER BY id"));
        }

        Assert.All(Read(api, "SELECT status FROM instances"), status => Assert.Equal($"{Completed}", status));
        await api.RestartAsync();
        await models.DisposeAsync();
    }

    private static async Task Settled(ApiProcess api)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (Read(api, $"SELECT 1 FROM instances WHERE status NOT IN ({Completed}, 3, 5)").Count > 0)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static List<string> Read(ApiProcess api, string sql)
    {
        using var connection = Open(api);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
        }

        return rows;
    }

    private static int Execute(ApiProcess api, string sql)
    {
        using var connection = Open(api);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    private static SqliteConnection Open(ApiProcess api)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(api.DataFolder, "worker.db")};Pooling=False;Default Timeout=30");
        connection.Open();
        return connection;
    }
}
