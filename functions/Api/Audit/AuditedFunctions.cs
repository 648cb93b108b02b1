using System.Collections.Frozen;

namespace TumorFunctions.Api.Audit;

/// <summary>The functions that change users, models or records, and the name that the audit log gives each.</summary>
public static class AuditedFunctions
{
    public static readonly FrozenDictionary<string, string> Actions = new Dictionary<string, string>
    {
        ["Register"] = "user.register",
        ["ChangePassword"] = "user.change_password",
        ["CreateUser"] = "user.create",
        ["UpdateUser"] = "user.update",
        ["DeleteUser"] = "user.delete",

        ["UploadImage"] = "image.upload",
        ["UpdateImage"] = "image.update",
        ["DeleteImage"] = "image.delete",
        ["DeleteImages"] = "image.delete",
        ["AnalyzeImage"] = "image.analyze",
        ["PutMask"] = "mask.put",
        ["DeleteMask"] = "mask.delete",
        ["Augment"] = "image.augment",

        ["StartSegmentation"] = "segmentation.start",
        ["CancelSegmentation"] = "segmentation.cancel",
        ["DeleteSegmentation"] = "segmentation.cancel",
        ["CreateUploadUrl"] = "inbox.upload_url",
        ["RetryQuarantine"] = "quarantine.retry",
        ["DeleteQuarantine"] = "quarantine.delete",

        ["SaveReport"] = "report.save",
        ["DeleteReport"] = "report.delete",

        ["TrainRadiomics"] = "radiomics_model.train",
        ["DeleteRadiomicsModel"] = "radiomics_model.delete",

        ["ReloadModel"] = "model.reload",
        ["UploadModel"] = "model.upload",
        ["ActivateModel"] = "model.activate",
        ["DeleteModel"] = "model.delete",

        ["RebuildDashboard"] = "dashboard.rebuild",
    }.ToFrozenDictionary();

    /// <summary>Functions with another verb than GET that change nothing of this kind.</summary>
    public static readonly FrozenSet<string> Exempt =
    [
        "Login", "Detect", "Preprocess", "SimulateSurgery", "AddTodo", "UpdateTodo", "DeleteTodo", "PutInboxUpload",
    ];
}
