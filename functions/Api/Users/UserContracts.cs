using System.Text.Json.Serialization;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Users;

public sealed record UserListAnswer(IReadOnlyList<UserListItem> Users, Pagination Pagination);

public sealed record UserListItem(
    int Id, string Username, string Email, string Role, DateTimeOffset CreatedAt, DateTimeOffset? LastLogin, string? Name, string? Department)
{
    public static UserListItem Of(UserRecord user) => new(
        user.UserId, user.Username, user.Email, user.Role, user.CreatedAt, user.LastLogin, user.Name, user.Department);
}

public sealed record UserAnswer([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Message, UserDetails User);

/// <param name="PatientId">For the patient role: whose records the account may read.</param>
public sealed record UserDetails(
    int Id,
    string Username,
    string Email,
    string Role,
    DateTimeOffset CreatedAt,
    DateTimeOffset? LastLogin,
    string? Name,
    string? Department,
    string? Phone,
    string? PatientId)
{
    public static UserDetails Of(UserRecord user) => new(
        user.UserId,
        user.Username,
        user.Email,
        user.Role,
        user.CreatedAt,
        user.LastLogin,
        user.Name,
        user.Department,
        user.Phone,
        user.LinkedPatientId);
}
