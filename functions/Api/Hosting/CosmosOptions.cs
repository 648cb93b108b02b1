using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Api.Hosting;

/// <summary>Settings under <c>Cosmos</c>; read where Storage__Documents is cosmos.</summary>
public sealed class CosmosOptions
{
    public const string Section = "Cosmos";

    /// <summary>Of the account, such as https://account.documents.azure.com.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>For the emulator; empty where a managed identity opens the account.</summary>
    public string Key { get; set; } = "";

    public string Database { get; set; } = "tumorfunctions";

    /// <summary>Direct (TCP) or Gateway (HTTPS alone).</summary>
    public ConnectionMode ConnectionMode { get; set; } = ConnectionMode.Direct;

    /// <summary>Makes the database and its containers at start; where the infrastructure is deployed it has made them.</summary>
    public bool CreateContainers { get; set; }
}
