using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace TumorFunctions.Storage.Tests.CosmosDb;

/// <summary>
/// The REST surface of Cosmos DB as far as point operations and patches go, behind the real SDK in Gateway mode: documents with ETags,
/// If-Match, increments under a condition that the test judges. Queries and batches are answered by what the test scripts.
/// </summary>
internal sealed class FakeCosmos : HttpMessageHandler
{
    private const string Account = """
        {"_self":"","id":"fake","_rid":"fake.local","media":"//media/","addresses":"//addresses/","_dbs":"//dbs/",
        "writableLocations":[{"name":"Local","databaseAccountEndpoint":"https://fake.local/"}],
        "readableLocations":[{"name":"Local","databaseAccountEndpoint":"https://fake.local/"}],
        "enableMultipleWriteLocations":false,"userReplicationPolicy":{"asyncReplication":false,"minReplicaSetSize":1,"maxReplicasetSize":4},
        "userConsistencyPolicy":{"defaultConsistencyLevel":"Session"},"systemReplicationPolicy":{"minReplicaSetSize":1,"maxReplicasetSize":4},
        "readPolicy":{"primaryReadCoefficient":1,"secondaryReadCoefficient":1},"queryEngineConfiguration":"{}"}
        """;

    private readonly object _lock = new();
    private readonly Dictionary<string, JsonObject> _documents = new(StringComparer.Ordinal);
    private int _version;

    /// <summary>Requests for documents: verb, path, body.</summary>
    public ConcurrentQueue<(string Verb, string Path, string Body, Dictionary<string, string> Headers)> Requests { get; } = [];

    /// <summary>Answers in place of the service, before anything happens; null lets the request through.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?> Script { get; set; } = _ => null;

    /// <summary>Whether a patch's condition holds for a document's body.</summary>
    public Func<JsonObject, bool> Condition { get; set; } = _ => true;

    public static HttpResponseMessage Answer(HttpStatusCode status, string body, params (string Name, string Value)[] headers)
    {
        var answer = new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers.Append(("x-ms-activity-id", Guid.NewGuid().ToString())).Append(("x-ms-request-charge", "1")))
            answer.Headers.TryAddWithoutValidation(name, value);
        return answer;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await AnswerAsync(request, cancellationToken);
        answer.RequestMessage = request;
        return answer;
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath.Trim('/').Split('/');
        if (path[0] is "metadata")
            return Answer(HttpStatusCode.NotFound, "");
        if (path is [""])
            return Answer(HttpStatusCode.OK, Account);
        if (path is ["dbs", _, "colls", var name])
        {
            return Answer(
                HttpStatusCode.OK,
                $$$"""{"id":"{{{name}}}","_rid":"1QVGAOTdCwA=","_self":"dbs/1QVGAA==/colls/1QVGAOTdCwA=/","_etag":"\"0\"","partitionKey":{"paths":["/partition_key"],"kind":"Hash","version":2}}""");
        }

        if (path is [.., "pkranges"])
        {
            return request.Headers.IfNoneMatch.Count > 0 && request.Headers.IfNoneMatch.First().Tag == "\"ranges\""
                ? Answer(HttpStatusCode.NotModified, "", ("etag", "\"ranges\""))
                : Answer(
                    HttpStatusCode.OK,
                    """{"_rid":"1QVGAOTdCwA=","PartitionKeyRanges":[{"_rid":"1QVGAOTdCwACAAAAAAAAUA==","id":"0","_etag":"\"1\"","minInclusive":"","maxExclusive":"FF","status":"online","parents":[]}],"_count":1}""",
                    ("etag", "\"ranges\""));
        }

        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var headers = request.Headers.ToDictionary(h => h.Key, h => string.Join(',', h.Value), StringComparer.OrdinalIgnoreCase);
        Requests.Enqueue((request.Method.Method, request.RequestUri.AbsolutePath, body, headers));
        if (Script(request) is { } scripted)
            return scripted;
        lock (_lock)
            return Document(request.Method.Method, path, body, headers);
    }

    private HttpResponseMessage Document(string verb, string[] path, string body, Dictionary<string, string> headers)
    {
        var posted = path.Length == 5;
        var value = body.Length > 0 ? JsonNode.Parse(body)!.AsObject() : null;
        var id = posted ? (string)value!["id"]! : Uri.UnescapeDataString(path[5]);
        var key = $"{path[3]}/{headers["x-ms-documentdb-partitionkey"]}/{id}";
        var exists = _documents.TryGetValue(key, out var current);
        if (posted && exists && !headers.ContainsKey("x-ms-documentdb-is-upsert"))
            return Refuse(HttpStatusCode.Conflict);
        if (!posted && !exists)
            return Refuse(HttpStatusCode.NotFound);
        if (headers.TryGetValue("If-Match", out var etag) && (string)current!["_etag"]! != etag)
            return Refuse(HttpStatusCode.PreconditionFailed);

        switch (verb)
        {
            case "GET":
                return Found(current!, HttpStatusCode.OK);
            case "DELETE":
                _documents.Remove(key);
                return Answer(HttpStatusCode.NoContent, "");
            case "PATCH":
                value = Patched(current!, value!);
                if (value is null)
                    return Refuse(HttpStatusCode.PreconditionFailed);
                break;
        }

        value!["_etag"] = $"\"{++_version:x8}\"";
        _documents[key] = value;
        return Found(value, exists ? HttpStatusCode.OK : HttpStatusCode.Created);
    }

    private JsonObject? Patched(JsonObject current, JsonObject patch)
    {
        var copy = current.DeepClone().AsObject();
        var fields = copy["body"]!.AsObject();
        if (patch.ContainsKey("condition") && !Condition(fields))
            return null;
        foreach (var operation in patch["operations"]!.AsArray())
        {
            Assert.Equal("incr", (string)operation!["op"]!);
            var field = ((string)operation["path"]!)["/body/".Length..];
            fields[field] = (fields[field] is { } old ? (long)old : 0) + (long)operation["value"]!;
        }

        return copy;
    }

    private static HttpResponseMessage Found(JsonObject document, HttpStatusCode status) =>
        Answer(status, document.ToJsonString(), ("etag", (string)document["_etag"]!));

    private static HttpResponseMessage Refuse(HttpStatusCode status) =>
        Answer(status, $$"""{"code":"{{status}}","message":"refused"}""");
}
