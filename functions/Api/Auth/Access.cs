using System.Collections.Frozen;

namespace TumorFunctions.Api.Auth;

/// <summary>What a caller may do. <see cref="Public"/> needs no token, <see cref="Account"/> any valid one.</summary>
public enum Permission
{
    Public,
    Account,
    ViewImages,
    UploadImages,
    EditImages,
    DeleteImages,
    Analyse,
    WriteReports,
    ViewDashboard,
    Administer,
}

/// <summary>
/// Who may call what: the one table of roles and the one table of functions. A function that is not listed is refused for everyone.
/// Rules on single records stand beside it in <see cref="RecordAccess"/>.
/// </summary>
public static class Access
{
    public const string Admin = "admin";
    public const string Doctor = "doctor";
    public const string Technician = "technician";
    public const string Patient = "patient";

    public static readonly FrozenDictionary<string, FrozenSet<Permission>> Roles = new Dictionary<string, Permission[]>
    {
        [Admin] =
        [
            Permission.ViewImages, Permission.UploadImages, Permission.EditImages, Permission.DeleteImages,
            Permission.Analyse, Permission.WriteReports, Permission.ViewDashboard, Permission.Administer,
        ],
        [Doctor] =
        [
            Permission.ViewImages, Permission.UploadImages, Permission.EditImages, Permission.DeleteImages,
            Permission.Analyse, Permission.WriteReports, Permission.ViewDashboard,
        ],
        [Technician] = [Permission.ViewImages, Permission.UploadImages, Permission.Analyse, Permission.ViewDashboard],
        [Patient] = [Permission.ViewImages],
    }.ToFrozenDictionary(role => role.Key, role => role.Value.ToFrozenSet());

    public static readonly FrozenDictionary<string, Permission> Functions = new Dictionary<string, Permission>
    {
        ["Health"] = Permission.Public,
        ["ZUnknownRoute"] = Permission.Public,

        ["Register"] = Permission.Public,
        ["Login"] = Permission.Public,
        ["Profile"] = Permission.Account,
        ["ChangePassword"] = Permission.Account,

        ["UploadImage"] = Permission.UploadImages,
        ["ListImages"] = Permission.ViewImages,
        ["GetImage"] = Permission.ViewImages,
        ["UpdateImage"] = Permission.EditImages,
        ["DeleteImage"] = Permission.DeleteImages,
        ["DeleteImages"] = Permission.DeleteImages,
        ["ImageFile"] = Permission.ViewImages,

        ["PutMask"] = Permission.EditImages,
        ["GetMask"] = Permission.ViewImages,
        ["DeleteMask"] = Permission.EditImages,

        ["AnalyzeImage"] = Permission.Analyse,
        ["Detect"] = Permission.Analyse,

        ["ExtractRadiomics"] = Permission.Analyse,
        ["TrainRadiomics"] = Permission.Analyse,
        ["ListRadiomicsModels"] = Permission.Analyse,
        ["DeleteRadiomicsModel"] = Permission.Analyse,
        ["PredictRadiomics"] = Permission.Analyse,
        ["RadiomicsModelFile"] = Permission.Analyse,

        ["Preprocess"] = Permission.Analyse,
        ["Augment"] = Permission.Analyse,
        ["AugmentedFile"] = Permission.ViewImages,

        ["SimulateSurgery"] = Permission.Analyse,
        ["LoadSurface"] = Permission.ViewImages,
        ["SurfaceFile"] = Permission.ViewImages,
        ["TextureFile"] = Permission.ViewImages,

        ["CreateUploadUrl"] = Permission.UploadImages,
        ["PutInboxUpload"] = Permission.Public,
        ["ListQuarantine"] = Permission.Administer,
        ["RetryQuarantine"] = Permission.Administer,
        ["DeleteQuarantine"] = Permission.Administer,

        ["StartSegmentation"] = Permission.Analyse,
        ["SegmentationProgress"] = Permission.Analyse,
        ["ListSegmentations"] = Permission.Analyse,
        ["SegmentationResult"] = Permission.Analyse,
        ["CancelSegmentation"] = Permission.Analyse,
        ["DeleteSegmentation"] = Permission.Analyse,

        ["TumourMetrics"] = Permission.ViewImages,
        ["SaveReport"] = Permission.WriteReports,
        ["ListReports"] = Permission.WriteReports,
        ["GetReport"] = Permission.WriteReports,
        ["DeleteReport"] = Permission.WriteReports,
        ["ExportReport"] = Permission.WriteReports,

        ["DashboardStats"] = Permission.ViewDashboard,
        ["CasesTrend"] = Permission.ViewDashboard,
        ["AccuracyTrend"] = Permission.ViewDashboard,
        ["DepartmentDistribution"] = Permission.ViewDashboard,
        ["DoctorDistribution"] = Permission.ViewDashboard,
        ["RecentCases"] = Permission.ViewDashboard,
        ["ListTodos"] = Permission.ViewDashboard,
        ["AddTodo"] = Permission.ViewDashboard,
        ["UpdateTodo"] = Permission.ViewDashboard,
        ["DeleteTodo"] = Permission.ViewDashboard,
        ["RebuildDashboard"] = Permission.Administer,

        ["ListUsers"] = Permission.Administer,
        ["CreateUser"] = Permission.Administer,
        ["GetUser"] = Permission.Administer,
        ["UpdateUser"] = Permission.Administer,
        ["DeleteUser"] = Permission.Administer,
        ["ListAudit"] = Permission.Administer,

        ["ModelInformation"] = Permission.Administer,
        ["ReloadModel"] = Permission.Administer,
        ["ListModels"] = Permission.Administer,
        ["UploadModel"] = Permission.Administer,
        ["ActivateModel"] = Permission.Administer,
        ["DeleteModel"] = Permission.Administer,
        ["Monitor"] = Permission.Administer,
    }.ToFrozenDictionary();

    /// <summary>
    /// What may be called without a token where <see cref="AuthOptions.AnonymousSegmentation"/> allows it: the reference shows them so.
    /// </summary>
    public static readonly FrozenSet<string> AnonymousSegmentation =
    [
        "StartSegmentation", "SegmentationProgress", "ListSegmentations", "SegmentationResult", "CancelSegmentation", "DeleteSegmentation",
    ];

    public static bool Allows(string role, Permission permission) =>
        permission is Permission.Public or Permission.Account
        || (Roles.TryGetValue(role, out var granted) && granted.Contains(permission));
}
