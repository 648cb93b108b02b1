using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Users;

namespace TumorFunctions.Api.Auth;

/// <summary>The user behind a request, as the user's record says at this moment.</summary>
/// <param name="LinkedPatientId">For patients: the patient id whose records they may read; null for none.</param>
public sealed record Caller(int UserId, string Username, string Role, string? LinkedPatientId)
{
    private const string Key = "TumorFunctions.Caller";

    /// <summary>Somebody without a token, where that is allowed; may do what a technician may.</summary>
    public static Caller Anonymous { get; } = new(0, "", Access.Technician, null);

    public bool IsAnonymous => UserId == 0;

    public static Caller From(UserRecord user) => new(user.UserId, user.Username, user.Role, user.LinkedPatientId);

    /// <summary>The caller of an authenticated request.</summary>
    /// <exception cref="InvalidOperationException">The function is public, so nobody was authenticated.</exception>
    public static Caller Of(HttpRequest request) =>
        request.HttpContext.Items[Key] as Caller
        ?? throw new InvalidOperationException("No caller: the function is listed as public.");

    /// <summary>The caller of a request; null where nobody was authenticated.</summary>
    public static Caller? TryOf(HttpContext http) => http.Items[Key] as Caller;

    public void AttachTo(HttpContext context) => context.Items[Key] = this;
}
