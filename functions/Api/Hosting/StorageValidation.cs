using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Auth;

namespace TumorFunctions.Api.Hosting;

/// <summary>Names every setting that the chosen stores lack, and refuses to guard the cloud by secrets that everybody knows.</summary>
public sealed class StorageValidation(
    IConfiguration configuration, IOptions<CosmosOptions> cosmosOptions, IOptions<AuthOptions> authOptions) : IValidateOptions<StorageOptions>
{
    public const string AzureWebJobsStorage = "AzureWebJobsStorage";

    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        var missing = new ValidateOptionsResultBuilder();
        switch (options.Documents)
        {
            case StorageOptions.Embedded:
                break;
            case StorageOptions.Cosmos:
                CheckCosmos(cosmosOptions.Value, missing);
                break;
            default:
                missing.AddError($"Storage__Documents must be embedded or cosmos, not '{options.Documents}'.");
                break;
        }

        switch (options.Blobs)
        {
            case StorageOptions.Embedded:
                break;
            case StorageOptions.Azure:
                CheckAzure(options, missing);
                break;
            default:
                missing.AddError($"Storage__Blobs must be embedded or azure, not '{options.Blobs}'.");
                break;
        }

        if (options.InCloud)
            CheckSecrets(authOptions.Value, missing);
        return missing.Build();
    }

    private static void CheckCosmos(CosmosOptions options, ValidateOptionsResultBuilder missing)
    {
        if (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("https" or "http"))
            missing.AddError("Cosmos__Endpoint must be the account's URL, such as https://account.documents.azure.com.");
        if (options.Database.Length == 0)
            missing.AddError("Cosmos__Database must name the database.");
    }

    private void CheckAzure(StorageOptions options, ValidateOptionsResultBuilder missing)
    {
        if (options.BlobServiceUri.Length > 0)
        {
            if (!Uri.TryCreate(options.BlobServiceUri, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("https" or "http"))
                missing.AddError("Storage__BlobServiceUri must be the account's blob endpoint, such as https://account.blob.core.windows.net.");
        }
        else if (configuration[AzureWebJobsStorage] is not { Length: > 0 })
        {
            missing.AddError(
                "Storage__Blobs=azure needs Storage__BlobServiceUri (opened by managed identity) or the connection string AzureWebJobsStorage.");
        }
    }

    private static void CheckSecrets(AuthOptions auth, ValidateOptionsResultBuilder missing)
    {
        if (auth.SigningKey.Length == 0)
            missing.AddError("Auth__SigningKey must be set where the stores are in the cloud: base64 of at least 32 random bytes.");
        if (auth.AdminPassword == new AuthOptions().AdminPassword)
            missing.AddError("Auth__AdminPassword must be set where the stores are in the cloud: the default is known to everybody.");
    }
}
