using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.Api.LocalHosting;
using TumorFunctions.LocalWorker.Triggers.Blob;

namespace TumorFunctions.Api.Hosting;

/// <summary>What the local worker needs beside the app's own services; this folder is not part of the Azure build.</summary>
public static partial class ApiExtensions
{
    static partial void AddLocalWorker(IServiceCollection services) =>
        services.AddSingleton<IBlobTriggerSource, BlobStoreTriggerSource>();
}
