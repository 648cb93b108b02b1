using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Inbox;
using TumorFunctions.Storage;
using TumorFunctions.Storage.AzureBlobs;
using TumorFunctions.Storage.CosmosDb;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Api.Hosting;

/// <summary>The stores that the settings choose.</summary>
internal static class StoreExtensions
{
    public static void AddStoreOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CosmosOptions>().Bind(configuration.GetSection(CosmosOptions.Section));
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageValidation>();

        // Whoever can register in the cloud is a stranger, until an administrator says otherwise.
        if (Chosen(configuration).InCloud && configuration[$"{AuthOptions.Section}:{nameof(AuthOptions.SelfRegistrationRole)}"] is null)
            services.Configure<AuthOptions>(auth => auth.SelfRegistrationRole = Access.Patient);
    }

    public static void AddDocumentStore(
        this IServiceCollection services, IConfiguration configuration, IReadOnlyList<DocumentContainer> containers)
    {
        if (Chosen(configuration).Documents != StorageOptions.Cosmos)
        {
            services.AddSingleton<IDocumentStore>(provider => new SqliteDocumentStore(
                Path.Combine(ApiExtensions.DataFolder(provider), "documents.db"), containers));
            return;
        }

        services.AddSingleton(provider =>
        {
            // Asked for by hosted services before the host validates: what is missing is then named here.
            _ = provider.GetRequiredService<IOptions<StorageOptions>>().Value;
            var cosmos = provider.GetRequiredService<IOptions<CosmosOptions>>().Value;
            var endpoint = new Uri(cosmos.Endpoint);
            return cosmos.Key.Length > 0
                ? CosmosService.Connect(endpoint, cosmos.Key, cosmos.ConnectionMode)
                : CosmosService.Connect(endpoint, new DefaultAzureCredential(), cosmos.ConnectionMode);
        });
        services.AddSingleton<IDocumentStore>(provider => new CosmosDocumentStore(
            provider.GetRequiredService<CosmosClient>(),
            provider.GetRequiredService<IOptions<CosmosOptions>>().Value.Database,
            containers));
        services.AddHostedService(provider => new CosmosContainers(
            provider.GetRequiredService<CosmosClient>(), provider.GetRequiredService<IOptions<CosmosOptions>>().Value, containers));
    }

    public static void AddBlobStore(this IServiceCollection services, IConfiguration configuration)
    {
        if (Chosen(configuration).Blobs != StorageOptions.Azure)
        {
            services.AddSingleton(provider => new FileBlobStore(
                Path.Combine(ApiExtensions.DataFolder(provider), "blobs"), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<IBlobStore>(provider => provider.GetRequiredService<FileBlobStore>());
            services.AddSingleton<IUnfinishedWrites>(provider => provider.GetRequiredService<FileBlobStore>());
            services.AddSingleton<IUploadUrls, EmbeddedUploadUrls>();
            return;
        }

        services.AddSingleton(provider =>
            provider.GetRequiredService<IOptions<StorageOptions>>().Value.BlobServiceUri is { Length: > 0 } endpoint
                ? AzureBlobService.Connect(new Uri(endpoint), new DefaultAzureCredential())
                : AzureBlobService.Connect(configuration[StorageValidation.AzureWebJobsStorage]!));
        services.AddSingleton<IBlobStore>(provider => new AzureBlobStore(
            provider.GetRequiredService<BlobServiceClient>(), time: provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IUploadUrls>(provider => new AzureUploadUrls(
            provider.GetRequiredService<BlobServiceClient>(), provider.GetRequiredService<TimeProvider>()));
    }

    // The settings decide which services there are, so they are read before there is a provider of options.
    private static StorageOptions Chosen(IConfiguration configuration) =>
        configuration.GetSection(StorageOptions.Section).Get<StorageOptions>() ?? new StorageOptions();

    /// <summary>Makes the containers before anything asks for a document, where a setting says so.</summary>
    private sealed class CosmosContainers(CosmosClient client, CosmosOptions options, IReadOnlyList<DocumentContainer> containers)
        : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => options.CreateContainers
            ? CosmosService.CreateAsync(client, options.Database, containers, cancellationToken)
            : Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
