using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Users;

/// <summary>Accounts as administrators keep them.</summary>
public sealed class UserService(UserStore users, IPasswordHasher<UserRecord> hasher, TimeProvider time)
{
    private const int DefaultPageSize = 10;
    private const int MaxPhoneLength = 40;

    private static readonly string[] CreateFields =
        ["username", "email", "password", "role", "name", "department", "phone", "patient_id"];

    private static readonly string[] UpdateFields = ["email", "password", "role", "name", "department", "phone", "patient_id"];

    public async Task<UserListAnswer> ListAsync(HttpRequest request)
    {
        var page = Page.From(request, DefaultPageSize);
        var query = RequestFields.FromQuery(request, "role", "search");
        var (found, total) = await users.ListAsync(ReadRole(query), query.Text("search"), page, request.HttpContext.RequestAborted);
        return new UserListAnswer([.. found.Select(UserListItem.Of)], page.Describe(total));
    }

    public async Task<UserAnswer> GetAsync(int userId, CancellationToken cancellationToken) =>
        new(null, UserDetails.Of((await users.FindAsync(userId, cancellationToken) ?? throw Missing()).Value));

    public async Task<UserAnswer> CreateAsync(HttpRequest request)
    {
        var fields = await RequestFields.ReadJsonAsync(request, CreateFields);
        var username = CredentialRules.Username(fields);
        var email = CredentialRules.Email(fields);
        var hash = hasher.HashPassword(null!, CredentialRules.Password(fields));
        var role = ReadRole(fields) ?? throw new ValidationException("缺少字段 role");
        var edit = Edit(fields);
        var user = await users.AddAsync(
            username,
            email,
            id => edit(new UserRecord
            {
                UserId = id,
                Username = username,
                Email = email,
                PasswordHash = hash,
                Role = role,
                CreatedAt = time.GetUtcNow(),
            }),
            request.HttpContext.RequestAborted);
        AuditTrail.Of(request).Note(user.UserId, ("username", null, user.Username), ("role", null, user.Role));
        return new UserAnswer("用户创建成功", UserDetails.Of(user));
    }

    /// <summary>Changes what is given. A new password ends the account's earlier tokens; a new role holds from the next request on.</summary>
    public async Task<UserAnswer> UpdateAsync(int userId, HttpRequest request)
    {
        var fields = await RequestFields.ReadJsonAsync(request, UpdateFields);
        var email = fields.Has("email") ? CredentialRules.Email(fields) : null;
        var role = fields.Has("role") ? ReadRole(fields) ?? throw new ValidationException("字段 role 不能为空") : null;
        var hash = fields.Has("password") ? hasher.HashPassword(null!, CredentialRules.Password(fields)) : null;
        var edit = Edit(fields);
        var (before, after) = await users.ChangeAsync(
            userId,
            user => edit(user) with
            {
                Email = email ?? user.Email,
                Role = role ?? user.Role,
                PasswordHash = hash ?? user.PasswordHash,
                TokenVersion = user.TokenVersion + (hash is not null ? 1 : 0),
            },
            request.HttpContext.RequestAborted) ?? throw Missing();
        AuditTrail.Of(request).Note(
            userId,
            ("email", before.Email, after.Email),
            ("role", before.Role, after.Role),
            ("name", before.Name, after.Name),
            ("department", before.Department, after.Department),
            ("patient_id", before.LinkedPatientId, after.LinkedPatientId),
            ("password", null, hash is null ? null : "reset"));
        return new UserAnswer("用户更新成功", UserDetails.Of(after));
    }

    public async Task<MessageAnswer> DeleteAsync(int userId, Caller caller, CancellationToken cancellationToken)
    {
        if (userId == caller.UserId)
        {
            throw new StateConflictException("OWN_ACCOUNT", "不能删除自己的账户", "请由另一位管理员删除");
        }

        return await users.DeleteAsync(userId, cancellationToken) is null ? throw Missing() : new MessageAnswer("用户删除成功");
    }

    // Fields that are given as null or empty are emptied.
    private static Func<UserRecord, UserRecord> Edit(RequestFields fields)
    {
        var name = fields.Text("name");
        var department = fields.Text("department");
        var phone = fields.Text("phone", MaxPhoneLength);
        var patientId = fields.Text("patient_id");
        return user => user with
        {
            Name = fields.Has("name") ? name : user.Name,
            Department = fields.Has("department") ? department : user.Department,
            Phone = fields.Has("phone") ? phone : user.Phone,
            LinkedPatientId = fields.Has("patient_id") ? patientId : user.LinkedPatientId,
        };
    }

    private static string? ReadRole(RequestFields fields) => fields.Text("role") switch
    {
        null => null,
        var role when Access.Roles.ContainsKey(role) => role,
        _ => throw new ValidationException("字段 role 必须是 admin、doctor、technician 或 patient"),
    };

    private static NotFoundException Missing() => new("用户不存在");
}
