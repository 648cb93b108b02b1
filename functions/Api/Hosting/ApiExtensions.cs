using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Admin;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Backups;
using TumorFunctions.Api.Dashboard;
using TumorFunctions.Api.Health;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Inbox;
using TumorFunctions.Api.Masks;
using TumorFunctions.Api.Preop;
using TumorFunctions.Api.Radiomics;
using TumorFunctions.Api.Reports;
using TumorFunctions.Api.Results;
using TumorFunctions.Api.Segmentation;
using TumorFunctions.Api.Users;
using TumorFunctions.Api.Workbench;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Core.Segmentation.Trial;

namespace TumorFunctions.Api.Hosting;

/// <summary>All wiring of the API.</summary>
public static partial class ApiExtensions
{
    public static FunctionsApplicationBuilder AddTumorFunctions(this FunctionsApplicationBuilder builder)
    {
        builder.UseMiddleware<RequestCountMiddleware>();
        builder.UseMiddleware<ErrorMiddleware>();
        builder.UseMiddleware<MaintenanceMiddleware>();
        builder.UseMiddleware<AuthenticationMiddleware>();
        builder.UseMiddleware<AuditMiddleware>();

        builder.Services.TryAddSingleton(TimeProvider.System);
        AddOptions(builder.Services, builder.Configuration);
        AddStores(builder.Services, builder.Configuration);
        AddFeatures(builder.Services);
        builder.AddBackups();
        AddLocalWorker(builder.Services);

        // Uploads are bounded by ImageOptions, where the answer can say by what.
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        return builder;
    }

    /// <summary>Implemented where the local worker runs the app.</summary>
    static partial void AddLocalWorker(IServiceCollection services);

    private static void AddOptions(IServiceCollection services, ConfigurationManager configuration)
    {
        Bind<AuthOptions>(AuthOptions.Section).Validate(
            auth => auth.SelfRegistrationRole != Access.Admin && Access.Roles.ContainsKey(auth.SelfRegistrationRole),
            "Auth__SelfRegistrationRole must be doctor, technician or patient.");
        Bind<ImageOptions>(ImageOptions.Section);
        Bind<InboxOptions>(InboxOptions.Section);
        Bind<LesionOptions>(LesionOptions.Section);
        Bind<ModelOptions>(ModelOptions.Section);
        Bind<JobOptions>(JobOptions.Section);
        Bind<StorageOptions>(StorageOptions.Section);
        services.AddStoreOptions(configuration);

        OptionsBuilder<T> Bind<T>(string section)
            where T : class =>
            services.AddOptions<T>().Bind(configuration.GetSection(section)).ValidateDataAnnotations().ValidateOnStart();
    }

    private static void AddStores(IServiceCollection services, ConfigurationManager configuration)
    {
        services.AddDocumentStore(
            configuration,
            [
                AuditLog.Definition,
                BackupStore.Definition,
                ClassifierStore.Definition,
                ImageStore.Definition,
                InboxStore.Definition,
                JobStore.Definition,
                LoginThrottle.Definition,
                ReportStore.Definition,
                RequestCounter.Definition,
                TodoStore.Definition,
                UserStore.Definition,
            ]);
        services.AddBlobStore(configuration);
        services.AddSingleton(provider =>
            provider.GetRequiredService<IOptions<AuthOptions>>().Value.SigningKey is { Length: > 0 } key
                ? SigningKey.FromSetting(key)
                : SigningKey.FromFile(Path.Combine(DataFolder(provider), "signing.key")));
        services.AddHostedService<Sweeper>();
    }

    private static void AddFeatures(IServiceCollection services)
    {
        services.AddSingleton<IPasswordHasher<UserRecord>, PasswordHasher<UserRecord>>();
        services.AddSingleton<UserStore>();
        services.AddSingleton<UserService>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<TokenService>();
        services.AddSingleton<LoginThrottle>();
        services.AddSingleton<AuthService>();
        services.AddSingleton<AnonymousRule>();
        services.AddHostedService<FirstAdministrator>();

        services.AddSingleton<ImageStore>();
        services.AddSingleton<ImageStatistics>();
        services.AddSingleton<ImageFiles>();
        services.AddSingleton<ImageService>();
        services.AddSingleton<UploadService>();

        services.AddSingleton(provider => new ModelUploads(Path.Combine(DataFolder(provider), "models")));
        services.AddSingleton<IModelExaminer>(provider =>
        {
            var models = provider.GetRequiredService<IOptions<ModelOptions>>().Value;
            return new ChildModelExaminer(new TrialLimits(models.TrialMemoryBytes, TimeSpan.FromSeconds(models.TrialSeconds)));
        });
        services.AddSingleton(Registry);
        services.AddSingleton<ISegmentationEngine, OnnxSegmentationEngine>();
        services.AddSingleton<ActiveModel>();
        services.AddHostedService<ModelWarmUp>();
        services.AddSingleton<SliceAnalyzer>();
        services.AddSingleton<AnalysisRecorder>();
        services.AddSingleton<AnalysisService>();
        services.AddSingleton<DetectionService>();

        services.AddSingleton<MaskStore>();
        services.AddSingleton<MaskMeasurer>();
        services.AddSingleton<MaskService>();
        services.AddSingleton<MaskExport>();
        services.AddSingleton<RadiomicsService>();
        services.AddSingleton<TrainingCases>();
        services.AddSingleton<ClassifierStore>();
        services.AddSingleton<TrainingService>();

        services.AddSingleton<ImageDecoder>();
        services.AddSingleton<DerivedFileStore>();
        services.AddSingleton<MaskInForce>();
        services.AddSingleton<PreprocessingService>();
        services.AddSingleton<AugmentationService>();
        services.AddSingleton<SimulationService>();
        services.AddSingleton<SurfaceService>();

        services.AddSingleton<JobStore>();
        services.AddSingleton<JobScratch>();
        services.AddSingleton<ItemWorker>();
        services.AddSingleton<JobStarter>();
        services.AddSingleton<JobProgress>();
        services.AddSingleton<JobUpkeep>();
        services.AddSingleton<SegmentationService>();
        services.AddSingleton<ITodoSource, JobTodos>();

        services.AddSingleton<InboxStore>();
        services.AddSingleton<InboxService>();
        services.AddSingleton<UploadTokens>();
        services.AddSingleton<UploadUrlService>();
        services.AddSingleton<InboxUploadService>();
        services.AddSingleton<QuarantineService>();
        services.AddSingleton<ITodoSource, QuarantineTodos>();

        services.AddSingleton<MetricsService>();
        services.AddSingleton<ReportStore>();
        services.AddSingleton<ReportSnapshots>();
        services.AddSingleton<ReportService>();
        services.AddSingleton<ReportExport>();

        services.AddSingleton<SystemHealth>();
        services.AddSingleton<DashboardService>();
        services.AddSingleton<ITodoSource, ImageTodos>();
        services.AddSingleton<ITodoSource, ModelTodos>();
        services.AddSingleton<ITodoSource, BackupTodos>();
        services.AddSingleton<TodoStore>();
        services.AddSingleton<TodoService>();
        services.AddSingleton<MachineReadings>();
        services.AddSingleton<RequestCounter>();
        services.AddHostedService(provider => provider.GetRequiredService<RequestCounter>());
        services.AddSingleton<AdminService>();
        services.AddSingleton<ModelService>();
    }

    internal static string DataFolder(IServiceProvider provider) =>
        Path.GetFullPath(provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder);

    private static ModelRegistry Registry(IServiceProvider provider)
    {
        var models = provider.GetRequiredService<IOptions<ModelOptions>>().Value;
        var options = new ModelRegistryOptions(MaxFileBytes: models.MaxUploadBytes, TrustCards: models.Folder.Length == 0);
        return new ModelRegistry(
            ModelFolder(provider), options, provider.GetRequiredService<ModelUploads>(), provider.GetRequiredService<IModelExaminer>());
    }

    private static string ModelFolder(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<ModelOptions>>().Value.Folder is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(AppContext.BaseDirectory, "models");
}
