using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Users;

namespace TumorFunctions.Api.Auth;

/// <summary>What a valid token says.</summary>
public readonly record struct TokenSubject(int UserId, int TokenVersion);

/// <summary>Issues and checks HS256 access tokens (RFC 7519).</summary>
public sealed class TokenService
{
    private const string VersionClaim = "tv";
    private const string RoleClaim = "role";

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };
    private readonly AuthOptions _options;
    private readonly TimeProvider _time;
    private readonly SigningCredentials _credentials;
    private readonly TokenValidationParameters _validation;

    public TokenService(IOptions<AuthOptions> options, SigningKey key, TimeProvider time)
    {
        _options = options.Value;
        _time = time;
        var securityKey = new SymmetricSecurityKey(key.Bytes);
        _credentials = new SigningCredentials(securityKey, SecurityAlgorithms.HmacSha256);
        _validation = new TokenValidationParameters
        {
            ValidIssuer = _options.Issuer,
            ValidAudience = _options.Audience,
            IssuerSigningKey = securityKey,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.Zero,
            LifetimeValidator = (notBefore, expires, _, _) => IsAlive(notBefore, expires),
        };
    }

    public string Issue(UserRecord user)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return _handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = _options.Issuer,
            Audience = _options.Audience,
            IssuedAt = now,
            NotBefore = now,
            Expires = now.AddSeconds(_options.TokenLifetimeSeconds),
            SigningCredentials = _credentials,
            Subject = new ClaimsIdentity(
            [
                new Claim(JwtRegisteredClaimNames.Sub, user.UserId.ToString(CultureInfo.InvariantCulture)),
                new Claim(JwtRegisteredClaimNames.Jti, Guid.NewGuid().ToString("N")),
                new Claim(RoleClaim, user.Role),
                new Claim(VersionClaim, user.TokenVersion.ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer32),
            ]),
        });
    }

    /// <exception cref="UnauthenticatedException">The token is expired, forged, malformed or not meant for this API.</exception>
    public async Task<TokenSubject> ValidateAsync(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, _validation);
        if (!result.IsValid)
        {
            throw result.Exception is SecurityTokenInvalidLifetimeException or SecurityTokenExpiredException
                ? UnauthenticatedException.ExpiredToken()
                : UnauthenticatedException.InvalidToken();
        }

        return int.TryParse(Claim(result, JwtRegisteredClaimNames.Sub), CultureInfo.InvariantCulture, out var userId)
            && int.TryParse(Claim(result, VersionClaim), CultureInfo.InvariantCulture, out var version)
            ? new TokenSubject(userId, version)
            : throw UnauthenticatedException.InvalidToken();
    }

    private static string? Claim(TokenValidationResult result, string name) =>
        result.Claims.TryGetValue(name, out var value) ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    private bool IsAlive(DateTime? notBefore, DateTime? expires)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        return expires > now && (notBefore is null || notBefore <= now);
    }
}

/// <summary>The key that tokens are signed with, at least 256 bits (RFC 7518, 3.2).</summary>
public sealed class SigningKey
{
    private const int MinBytes = 32;

    private SigningKey(byte[] bytes) => Bytes = bytes;

    public byte[] Bytes { get; }

    /// <exception cref="InvalidOperationException">The setting is no base64, or too short.</exception>
    public static SigningKey FromSetting(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length >= MinBytes
            ? new SigningKey(bytes[..length])
            : throw new InvalidOperationException($"Auth__SigningKey must be base64 of at least {MinBytes} bytes.");
    }

    /// <summary>The key kept in a file that only this user can read, made at random on first use.</summary>
    public static SigningKey FromFile(string path)
    {
        if (File.Exists(path))
        {
            return FromSetting(File.ReadAllText(path).Trim());
        }

        var bytes = RandomNumberGenerator.GetBytes(MinBytes);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var draft = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var writer = new StreamWriter(draft, System.Text.Encoding.ASCII, options))
        {
            writer.Write(Convert.ToBase64String(bytes));
        }

        File.Move(draft, path);
        return new SigningKey(bytes);
    }
}
