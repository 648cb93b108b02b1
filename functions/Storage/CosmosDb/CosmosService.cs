using Azure.Core;
using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>Clients of a Cosmos DB account, all with the same retries, and the containers as the store needs them.</summary>
public static class CosmosService
{
    /// <param name="key">The account's key: for the emulator. In Azure a managed identity stands in its place.</param>
    /// <param name="change">Last changes to the options, such as a handler of requests.</param>
    public static CosmosClient Connect(Uri endpoint, string key, ConnectionMode mode, Action<CosmosClientOptions>? change = null) =>
        new(endpoint.ToString(), key, Options(mode, change));

    /// <param name="credential">An identity with the data role Cosmos DB Built-in Data Contributor.</param>
    public static CosmosClient Connect(Uri endpoint, TokenCredential credential, ConnectionMode mode) =>
        new(endpoint.ToString(), credential, Options(mode, null));

    /// <summary>
    /// What a container is in the service: its partition key, and an index over the ids and the properties that are queried alone; every
    /// index entry makes every write dearer.
    /// </summary>
    public static ContainerProperties Properties(DocumentContainer container)
    {
        var policy = new IndexingPolicy { IndexingMode = IndexingMode.Consistent, Automatic = true };
        // The service always indexes id and _ts.
        foreach (var property in container.IndexedProperties)
        {
            AddressRules.CheckProperty(property);
            policy.IncludedPaths.Add(new IncludedPath { Path = $"/{CosmosItem.Body}/{property}/?" });
        }

        policy.ExcludedPaths.Add(new ExcludedPath { Path = "/*" });
        return new ContainerProperties(container.Name, CosmosItem.PartitionKeyPath) { IndexingPolicy = policy };
    }

    /// <summary>Makes the database and the containers that are not there; elsewhere they come with the infrastructure.</summary>
    public static async Task CreateAsync(
        CosmosClient client, string database, IReadOnlyList<DocumentContainer> containers, CancellationToken cancellationToken = default)
    {
        var created = await client.CreateDatabaseIfNotExistsAsync(database, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var container in containers)
        {
            await created.Database.CreateContainerIfNotExistsAsync(Properties(container), cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private static CosmosClientOptions Options(ConnectionMode mode, Action<CosmosClientOptions>? change)
    {
        var options = new CosmosClientOptions
        {
            ConnectionMode = mode,
            ApplicationName = "TumorFunctions",
            UseSystemTextJsonSerializerWithOptions = StorageJson.Options,
            EnableContentResponseOnWrite = false,
            MaxRetryAttemptsOnRateLimitedRequests = 9,
            MaxRetryWaitTimeOnRateLimitedRequests = TimeSpan.FromSeconds(30),
            RequestTimeout = TimeSpan.FromSeconds(20),
            CosmosClientTelemetryOptions = new CosmosClientTelemetryOptions { DisableSendingMetricsToService = true },
        };
        change?.Invoke(options);
        return options;
    }
}
