using System.Net;
using Microsoft.Data.Sqlite;

namespace TumorFunctions.Api.Tests;

/// <summary>The orchestrators of backups, run again from their start over their recorded history, take the same steps.</summary>
public sealed class BackupReplayTests
{
    private const string History = "SELECT instance, kind, task, name, data, due FROM history ORDER BY seq";
    private const string Instances = "SELECT id, name, status, output, custom_status, failure FROM instances ORDER BY id";

    [Fact]
    public async Task Orchestrators_replay_their_recorded_history()
    {
        await using var api = await ApiProcess.StartAsync(BackupRequests.Settings);
        using var admin = await api.LogInAsync();
        await BackupTests.FillAsync(admin, 10);
        using (var model = await admin.UploadModelAsync(ModelUploads.Scored(0.8f), "kept.onnx"))
        {
            await model.ReadAsync(HttpStatusCode.Created);
        }

        var backup = await admin.BackedUpAsync();
        await admin.VerifiedAsync(backup.Id());
        await admin.RestoredAsync(backup.Id(), overwrite: true);
        var content = Directory.GetFiles(
            Path.Combine(api.DataFolder, "blobs", "data", "backups"), "content*", SearchOption.AllDirectories)[0];
        File.Delete(content);
        await admin.RestoredAsync(backup.Id(), expected: "failed");
        await SettledAsync(api);
        await api.KillAsync();
        var history = Read(api, History);
        var instances = Read(api, Instances);
        Assert.Equal(4, instances.Count);

        Execute(api, "UPDATE instances SET status=0, processed=0, output=NULL, custom_status=NULL");
        await api.RestartAsync();
        await SettledAsync(api);
        await api.KillAsync();

        Assert.Equal(history, Read(api, History));
        Assert.Equal(instances, Read(api, Instances));
        await api.RestartAsync();
    }

    private static async Task SettledAsync(ApiProcess api)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (Read(api, "SELECT 1 FROM instances WHERE status NOT IN (1, 3, 5)").Count > 0)
        {
            await Task.Delay(50, patience.Token);
        }
    }

    private static List<string> Read(ApiProcess api, string sql)
    {
        using var connection = Open(api);
        using var command = Command(connection, sql);
        using var reader = command.ExecuteReader();
        List<string> rows = [];
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? "" : reader.GetString(i))));
        }

        return rows;
    }

    private static void Execute(ApiProcess api, string sql)
    {
        using var connection = Open(api);
        using var command = Command(connection, sql);
        Assert.NotEqual(0, command.ExecuteNonQuery());
    }

    private static SqliteConnection Open(ApiProcess api)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(api.DataFolder, "worker.db")};Pooling=False;Default Timeout=30");
        connection.Open();
        return connection;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}
