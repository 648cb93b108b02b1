using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Auth;

/// <summary>What the role table cannot say: who may touch this one image.</summary>
public static class RecordAccess
{
    /// <summary>Patients see only what carries their linked patient id; everyone else sees all images.</summary>
    public static bool CanView(this Caller caller, ImageRecord image) =>
        caller.Role != Access.Patient || (caller.LinkedPatientId is { } own && own == image.PatientId);

    /// <summary>Administrators delete any image, doctors those that they uploaded.</summary>
    /// <exception cref="ForbiddenException">Neither is the case.</exception>
    public static void RequireDelete(this Caller caller, ImageRecord image)
    {
        if (caller.Role != Access.Admin && image.UploadedBy != caller.UserId)
        {
            throw new ForbiddenException("只能删除自己上传的影像");
        }
    }
}
