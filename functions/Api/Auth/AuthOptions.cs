using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Auth;

/// <summary>Settings under <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>Base64 key of at least 32 bytes for HS256. Empty on the embedded stores: a random key is made and kept there.</summary>
    public string SigningKey { get; set; } = "";

    [Required]
    public string Issuer { get; set; } = "tumor-functions";

    [Required]
    public string Audience { get; set; } = "tumor-functions-api";

    [Range(60, 86_400)]
    public int TokenLifetimeSeconds { get; set; } = 3600;

    /// <summary>Role of those who register themselves; never admin.</summary>
    public string SelfRegistrationRole { get; set; } = Access.Doctor;

    /// <summary>
    /// Whether segmentation jobs need no token. Unset: on the embedded stores for callers on this machine, nowhere else.
    /// </summary>
    public bool? AnonymousSegmentation { get; set; }

    /// <summary>Password of the first administrator, made when there are no users.</summary>
    public string AdminPassword { get; set; } = "admin123";

    /// <summary>Failures in a row after which a user name is locked.</summary>
    [Range(1, 1000)]
    public int MaxFailures { get; set; } = 5;

    /// <summary>Length of the first lock; it doubles with each further failure up to <see cref="MaxLockSeconds"/>.</summary>
    [Range(1, 86_400)]
    public int LockSeconds { get; set; } = 60;

    [Range(1, 86_400)]
    public int MaxLockSeconds { get; set; } = 900;
}
