namespace TumorFunctions.Api.Users;

/// <summary>A user as stored.</summary>
public sealed record UserRecord
{
    public const string DocumentKind = "user";

    public string Kind { get; init; } = DocumentKind;

    public required int UserId { get; init; }

    public required string Username { get; init; }

    public required string Email { get; init; }

    public required string PasswordHash { get; init; }

    public required string Role { get; init; }

    /// <summary>Name to show; the user name where there is none.</summary>
    public string? Name { get; init; }

    public string? Department { get; init; }

    public string? Phone { get; init; }

    /// <summary>For the patient role: the patient id that an administrator linked.</summary>
    public string? LinkedPatientId { get; init; }

    /// <summary>Raised to end all earlier tokens.</summary>
    public int TokenVersion { get; init; } = 1;

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastLogin { get; init; }
}

/// <summary>What is shown of a user beside the records that the user made; kept when the account is deleted.</summary>
public sealed record UserProfile
{
    public required int UserId { get; init; }

    public required string Username { get; init; }

    public string? Name { get; init; }

    public string? Department { get; init; }

    public string DisplayName => Name ?? Username;

    public static UserProfile Of(UserRecord user) => new()
    {
        UserId = user.UserId,
        Username = user.Username,
        Name = user.Name,
        Department = user.Department,
    };
}
