using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Users;

namespace TumorFunctions.Api.Auth;

/// <summary>Registration, login and the caller's own account.</summary>
public sealed class AuthService(
    UserStore users,
    TokenService tokens,
    LoginThrottle throttle,
    IPasswordHasher<UserRecord> hasher,
    IOptions<AuthOptions> options,
    TimeProvider time)
{
    private static readonly string[] RegisterFields = ["username", "email", "password"];
    private static readonly string[] LoginFields = ["username", "password"];
    private static readonly string[] ChangePasswordFields = ["old_password", "new_password"];

    // Verified where there is no user, so that an unknown name costs what a wrong password costs.
    private readonly Lazy<string> _decoyHash = new(() => hasher.HashPassword(null!, Guid.NewGuid().ToString()));

    public async Task<RegisterAnswer> RegisterAsync(HttpRequest request)
    {
        var fields = await RequestFields.ReadJsonAsync(request, RegisterFields);
        var username = CredentialRules.Username(fields);
        var email = CredentialRules.Email(fields);
        var password = CredentialRules.Password(fields);
        var user = await AddAsync(username, email, password, options.Value.SelfRegistrationRole, request.HttpContext.RequestAborted);
        AuditTrail.Of(request).Note(user.UserId, ("username", null, user.Username), ("role", null, user.Role));
        return new RegisterAnswer("用户注册成功", user.UserId);
    }

    public async Task<LoginAnswer> LoginAsync(HttpRequest request)
    {
        var fields = await RequestFields.ReadJsonAsync(request, LoginFields);
        var username = fields.Text("username") ?? throw new ValidationException("缺少字段 username");
        var password = fields.Verbatim("password", CredentialRules.MaxPasswordLength);
        if (string.IsNullOrEmpty(password))
        {
            throw new ValidationException("缺少字段 password");
        }

        var cancellationToken = request.HttpContext.RequestAborted;
        await throttle.CountAttemptAsync(username, cancellationToken);
        var found = await users.FindByNameAsync(username, cancellationToken);
        var verdict = hasher.VerifyHashedPassword(found?.Value!, found?.Value.PasswordHash ?? _decoyHash.Value, password);
        if (found is null || verdict == PasswordVerificationResult.Failed)
        {
            throw UnauthenticatedException.WrongCredentials();
        }

        await throttle.ClearAsync(username, cancellationToken);
        var rehashed = verdict == PasswordVerificationResult.SuccessRehashNeeded
            ? hasher.HashPassword(found.Value, password)
            : null;
        var (_, user) = await users.ChangeAsync(
            found.Value.UserId,
            current => current with
            {
                LastLogin = time.GetUtcNow(),
                PasswordHash = current.PasswordHash == found.Value.PasswordHash ? rehashed ?? current.PasswordHash : current.PasswordHash,
            },
            cancellationToken) ?? throw UnauthenticatedException.WrongCredentials();
        return new LoginAnswer("登录成功", tokens.Issue(user), AccountAnswer.Of(user));
    }

    public async Task<ProfileAnswer> ProfileAsync(Caller caller, CancellationToken cancellationToken)
    {
        var user = await users.FindAsync(caller.UserId, cancellationToken)
            ?? throw UnauthenticatedException.InvalidToken();
        return new ProfileAnswer(AccountAnswer.Of(user.Value));
    }

    /// <summary>Sets a new password and ends every token issued before, the caller's own included.</summary>
    public async Task<MessageAnswer> ChangePasswordAsync(HttpRequest request, Caller caller)
    {
        var fields = await RequestFields.ReadJsonAsync(request, ChangePasswordFields);
        var oldPassword = fields.Verbatim("old_password", CredentialRules.MaxPasswordLength)
            ?? throw new ValidationException("缺少字段 old_password");
        var newPassword = CredentialRules.Password(fields, "new_password");
        var cancellationToken = request.HttpContext.RequestAborted;

        await throttle.CountAttemptAsync(caller.Username, cancellationToken);
        var user = await users.FindAsync(caller.UserId, cancellationToken)
            ?? throw UnauthenticatedException.InvalidToken();
        if (hasher.VerifyHashedPassword(user.Value, user.Value.PasswordHash, oldPassword) == PasswordVerificationResult.Failed)
        {
            throw new ValidationException("旧密码不正确");
        }

        await throttle.ClearAsync(caller.Username, cancellationToken);
        var hash = hasher.HashPassword(user.Value, newPassword);
        AuditTrail.Of(request).Note(caller.UserId);
        _ = await users.ChangeAsync(
            caller.UserId,
            current => current.TokenVersion == user.Value.TokenVersion
                ? current with { PasswordHash = hash, TokenVersion = current.TokenVersion + 1 }
                : throw UnauthenticatedException.InvalidToken(),
            cancellationToken) ?? throw UnauthenticatedException.InvalidToken();
        return new MessageAnswer("密码修改成功");
    }

    /// <summary>Makes the first administrator where there are no users yet.</summary>
    public async Task EnsureAdministratorAsync(CancellationToken cancellationToken)
    {
        if (await users.AnyAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await AddAsync("admin", "admin@example.com", options.Value.AdminPassword, Access.Admin, cancellationToken);
        }
        catch (ValidationException)
        {
            // Another instance of the app starting up was first.
        }
    }

    private Task<UserRecord> AddAsync(string username, string email, string password, string role, CancellationToken cancellationToken)
    {
        var hash = hasher.HashPassword(null!, password);
        return users.AddAsync(
            username,
            email,
            id => new UserRecord
            {
                UserId = id,
                Username = username,
                Email = email,
                PasswordHash = hash,
                Role = role,
                CreatedAt = time.GetUtcNow(),
            },
            cancellationToken);
    }
}
