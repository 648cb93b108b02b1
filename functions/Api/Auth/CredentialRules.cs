using System.Net.Mail;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Auth;

/// <summary>What user names, passwords and e-mail addresses must look like.</summary>
public static class CredentialRules
{
    public const int MaxPasswordLength = 128;
    public const int MaxUsernameLength = 32;
    public const int MaxEmailLength = 254;

    private const int MinUsernameLength = 3;
    private const int MinPasswordLength = 8;

    public static string Username(RequestFields fields, string name = "username")
    {
        var username = fields.Text(name, MaxUsernameLength) ?? throw new ValidationException($"缺少字段 {name}");
        return username.Length >= MinUsernameLength && username.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '-')
            ? username
            : throw new ValidationException(
                $"字段 {name} 必须是 {MinUsernameLength} 到 {MaxUsernameLength} 个字母、数字、点、下划线或连字符");
    }

    public static string Password(RequestFields fields, string name = "password")
    {
        var password = fields.Verbatim(name, MaxPasswordLength);
        if (string.IsNullOrEmpty(password))
        {
            throw new ValidationException($"缺少字段 {name}");
        }

        return password.Length >= MinPasswordLength && password.Any(char.IsLetter) && password.Any(char.IsDigit)
            ? password
            : throw new ValidationException($"字段 {name} 至少需要 {MinPasswordLength} 个字符，且同时包含字母和数字");
    }

    public static string Email(RequestFields fields, string name = "email")
    {
        var email = fields.Text(name, MaxEmailLength) ?? throw new ValidationException($"缺少字段 {name}");
        return MailAddress.TryCreate(email, out var parsed) && parsed.Address == email && parsed.Host.Contains('.', StringComparison.Ordinal)
            ? email
            : throw new ValidationException($"字段 {name} 不是有效的邮箱地址");
    }
}
