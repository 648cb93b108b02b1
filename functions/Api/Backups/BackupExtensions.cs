using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>Wiring of the backups.</summary>
public static class BackupExtensions
{
    private const string ScheduleKey = $"{BackupOptions.Section}:{nameof(BackupOptions.Schedule)}";

    public static void AddBackups(this FunctionsApplicationBuilder builder)
    {
        // A timer trigger cannot go without a schedule.
        if (string.IsNullOrWhiteSpace(builder.Configuration[ScheduleKey]))
        {
            builder.Configuration[ScheduleKey] = BackupOptions.Never;
        }

        var services = builder.Services;
        services.AddOptions<BackupOptions>()
            .Bind(builder.Configuration.GetSection(BackupOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IDocumentExport>(provider => Exporting<IDocumentExport>(provider.GetRequiredService<IDocumentStore>()));
        services.AddSingleton<IBlobExport>(provider => Exporting<IBlobExport>(provider.GetRequiredService<IBlobStore>()));
        services.AddSingleton<BackupStore>();
        services.AddSingleton<BackupArchive>();
        services.AddSingleton<BackupRetention>();
        services.AddSingleton<BackupEstimate>();
        services.AddSingleton<BackupService>();
        services.AddSingleton<BackupAudit>();
        services.AddSingleton<Maintenance>();
    }

    private static T Exporting<T>(object store) => store is T export
        ? export
        : throw new InvalidOperationException($"{store.GetType().Name} cannot be backed up: it is no {typeof(T).Name}.");
}
