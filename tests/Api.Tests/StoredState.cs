using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Api.Tests;

/// <summary>All that a deployment has stored, read off its data folder: documents by their JSON, blobs by hash, type and metadata.</summary>
public static class StoredState
{
    /// <summary>Failed logins and the records of backups are not what a backup is about, and the audit log goes on.</summary>
    private static readonly string[] Passing = ["documents.backups", "documents.logins", "documents.audit"];

    public static async Task<SortedDictionary<string, string>> ReadAsync(string dataFolder)
    {
        SortedDictionary<string, string> state = new(StringComparer.Ordinal);
        ReadDocuments(dataFolder, state);
        await ReadBlobsAsync(dataFolder, state);
        var models = new DirectoryInfo(Path.Combine(dataFolder, "models"));
        foreach (var model in models.Exists ? models.GetFiles("*.onnx", SearchOption.AllDirectories) : [])
        {
            // A report tells of the trial on this machine; the number of the version counts uploads.
            state.Add($"model {model.Name}", Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(model.FullName))));
        }

        return state;
    }

    public static void ReadDocuments(string dataFolder, SortedDictionary<string, string> state)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "documents.db")};Pooling=False");
        connection.Open();
        List<string> tables = [];
        using (var names = Command("SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'documents.%'").ExecuteReader())
        {
            while (names.Read())
            {
                tables.Add(names.GetString(0));
            }
        }

        foreach (var table in tables.Except(Passing))
        {
            using var rows = Command($"SELECT partition_key, id, body FROM \"{table}\"").ExecuteReader();
            while (rows.Read())
            {
                if (rows.GetString(1) != "api_calls")
                {
                    var body = JsonDocument.Parse(rows.GetString(2)).RootElement;
                    state.Add($"{table}/{rows.GetString(0)}/{rows.GetString(1)}", Sorted(body));
                }
            }
        }

        SqliteCommand Command(string sql)
        {
            var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own text.
            command.CommandText = sql;
#pragma warning restore CA2100
            return command;
        }
    }

    private static async Task ReadBlobsAsync(string dataFolder, SortedDictionary<string, string> state)
    {
        var store = new FileBlobStore(Path.Combine(dataFolder, "blobs"));
        foreach (var container in Directory.GetDirectories(Path.Combine(dataFolder, "blobs", "index")).Select(Path.GetFileName))
        {
            if (container == "backups")
            {
                continue;
            }

            await foreach (var blob in store.ListAsync(container!))
            {
                await using var content = await store.OpenReadAsync(blob.Address);
                var hash = Convert.ToHexString(await SHA256.HashDataAsync(content.Stream));
                var metadata = string.Join(',', blob.Metadata.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"));
                state.Add($"blob {container}/{blob.Address.Name}", $"{hash} {blob.ContentType} {metadata}");
            }
        }
    }

    // A counter that is not there stands at 0, and how often it was written is nobody's business.
    private static string Sorted(JsonElement body) => string.Join('\n', body.EnumerateObject()
        .Where(property => property.Name != "revision" && property.Value.GetRawText() != "0")
        .OrderBy(property => property.Name, StringComparer.Ordinal)
        .Select(property => $"{property.Name}: {property.Value.GetRawText()}"));
}
