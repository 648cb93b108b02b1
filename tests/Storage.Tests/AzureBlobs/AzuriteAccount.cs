using Azure.Storage.Blobs;
using TumorFunctions.Storage.AzureBlobs;
using TumorFunctions.Tests.Emulators;

namespace TumorFunctions.Storage.Tests.AzureBlobs;

/// <summary>One Azurite for all tests that need an account; they run one after the other, as the sum over it is part of what they test.</summary>
public sealed class AzuriteAccount : IAsyncLifetime
{
    private Azurite? _azurite;

    public BlobServiceClient Service { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _azurite = await Azurite.StartAsync();
        Service = AzureBlobService.Connect(_azurite.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        if (_azurite is not null)
            await _azurite.DisposeAsync();
    }
}

[CollectionDefinition(nameof(AzuriteAccount))]
public sealed class AzuriteTests : ICollectionFixture<AzuriteAccount>;
