using TumorFunctions.Api.Users;

namespace TumorFunctions.Api.Auth;

public sealed record RegisterAnswer(string Message, int UserId);

public sealed record LoginAnswer(string Message, string AccessToken, AccountAnswer User);

public sealed record ProfileAnswer(AccountAnswer User);

/// <summary>A user as shown to that user.</summary>
public sealed record AccountAnswer(int Id, string Username, string Email, bool IsAdmin, string Role, DateTimeOffset CreatedAt)
{
    public static AccountAnswer Of(UserRecord user) =>
        new(user.UserId, user.Username, user.Email, user.Role == Access.Admin, user.Role, user.CreatedAt);
}
