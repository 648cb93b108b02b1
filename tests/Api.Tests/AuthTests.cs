using System.IdentityModel.Tokens.Jwt;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class AuthTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static int _users;

    [Fact]
    public async Task A_registered_user_logs_in_and_sees_the_own_profile()
    {
        var name = await RegisterAsync();
        using var client = await fixture.Api.LogInAsync(name, "SecurePass123");
        using var answer = await client.GetAsync("/api/auth/profile");
        var user = (await answer.ReadAsync()).GetProperty("user");
        Assert.Equal(name, user.GetProperty("username").GetString());
        Assert.False(user.GetProperty("is_admin").GetBoolean());
        Assert.False(user.TryGetProperty("password_hash", out _));
    }

    [Fact]
    public async Task Names_and_addresses_are_taken_once_whatever_their_case()
    {
        var name = await RegisterAsync();
        using var client = fixture.Api.Anonymous();
        using var sameName = await client.PostAsync(
            "/api/auth/register", new { username = name.ToUpperInvariant(), email = "other@example.com", password = "SecurePass123" });
        Assert.Equal("用户名已存在", (await sameName.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("error").GetString());
        using var sameEmail = await client.PostAsync(
            "/api/auth/register", new { username = $"{name}x", email = $"{name}@EXAMPLE.com", password = "SecurePass123" });
        await sameEmail.RefusedAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Of_many_who_register_one_name_at_once_one_gets_it()
    {
        using var client = fixture.Api.Anonymous();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => client.PostAsync(
            "/api/auth/register", new { username = "racer", email = $"racer{i}@example.com", password = "SecurePass123" })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.BadRequest));
    }

    [Theory]
    [InlineData("""{"email":"a@example.com","password":"SecurePass123"}""", "username")]
    [InlineData("""{"username":"ab","email":"a@example.com","password":"SecurePass123"}""", "username")]
    [InlineData("""{"username":"a' OR 1=1--","email":"a@example.com","password":"SecurePass123"}""", "username")]
    [InlineData("""{"username":"../../etc","email":"a@example.com","password":"SecurePass123"}""", "username")]
    [InlineData("""{"username":{"$ne":null},"email":"a@example.com","password":"SecurePass123"}""", "username")]
    [InlineData("""{"username":"good.name","email":"not-an-address","password":"SecurePass123"}""", "email")]
    [InlineData("""{"username":"good.name","email":"a@example.com","password":"short1"}""", "password")]
    [InlineData("""{"username":"good.name","email":"a@example.com","password":"onlyletters"}""", "password")]
    [InlineData("""{"username":"good.name","email":"a@example.com","password":12345678}""", "password")]
    [InlineData("""{"username":"good.name","email":"a@example.com","password":"\ud800aaaaaa1"}""", "password")]
    [InlineData("""{"username":"good.name","email":"a@example.com","password":"SecurePass123","role":"admin"}""", "role")]
    public async Task A_bad_registration_is_refused_by_the_name_of_the_field(string json, string field)
    {
        using var client = fixture.Api.Anonymous();
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/api/auth/register", json);
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest);
        Assert.Contains(field, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"username\":\"a\",\"username\":\"b\"}")]
    [InlineData("\0\0\0")]
    public async Task A_body_that_is_no_object_is_refused(string json)
    {
        using var client = fixture.Api.Anonymous();
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/api/auth/login", json);
        await answer.RefusedAsync(HttpStatusCode.BadRequest, "MALFORMED_BODY");
    }

    [Fact]
    public async Task A_nested_bomb_is_refused()
    {
        using var client = fixture.Api.Anonymous();
        using var answer = await client.SendJsonAsync(HttpMethod.Post, "/api/auth/login", new string('[', 100_000));
        await answer.RefusedAsync(HttpStatusCode.BadRequest, "MALFORMED_BODY");
    }

    [Fact]
    public async Task Without_a_token_the_answer_is_the_reference_s()
    {
        using var client = fixture.Api.Anonymous();
        using var answer = await client.GetAsync("/api/auth/profile");
        var body = await answer.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
        Assert.Equal("Missing Authorization Header", body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task An_expired_token_is_called_expired()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Auth__SigningKey"] = Convert.ToBase64String(new byte[32]) });
        using var admin = await api.LogInAsync();
        var issued = new JwtSecurityTokenHandler().ReadJwtToken(admin.DefaultRequestHeaders.Authorization!.Parameter);
        Assert.Equal(3600, (issued.ValidTo - issued.ValidFrom).TotalSeconds);
        Assert.Equal("HS256", issued.Header.Alg);

        var past = DateTimeOffset.UtcNow.AddSeconds(-3605).ToUnixTimeSeconds();
        var claims = Claims(issued);
        claims["iat"] = past;
        claims["nbf"] = past;
        claims["exp"] = past + 3600;
        using var answer = await GetProfileAsync(api, Sign(claims, new byte[32]));
        var body = await answer.RefusedAsync(HttpStatusCode.Unauthorized, "TOKEN_EXPIRED");
        Assert.Equal("Token has expired", body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Forged_tokens_are_refused()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        await using var api = await ApiProcess.StartAsync(new() { ["Auth__SigningKey"] = Convert.ToBase64String(key) });
        using var admin = await api.LogInAsync();
        var token = admin.DefaultRequestHeaders.Authorization!.Parameter!;
        var issued = new JwtSecurityTokenHandler().ReadJwtToken(token);
        string With(string claim, object value)
        {
            var claims = Claims(issued);
            claims[claim] = value;
            return Sign(claims, key);
        }

        using (var own = await GetProfileAsync(api, Sign(Claims(issued), key)))
        {
            Assert.Equal(HttpStatusCode.OK, own.StatusCode);
        }

        var parts = token.Split('.');
        string[] forgeries =
        [
            Sign(Claims(issued), RandomNumberGenerator.GetBytes(32)),
            $"{Base64Url("""{"alg":"none","typ":"JWT"}"""u8)}.{parts[1]}.",
            $"{Base64Url("""{"alg":"HS384","typ":"JWT"}"""u8)}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.",
            $"{parts[0]}.{Base64Url("{}"u8)}.{parts[2]}",
            With("iss", "somebody-else"),
            With("aud", "another-api"),
            With("sub", "999999"),
            With("sub", "1 OR 1=1"),
            With("tv", 0),
            With("tv", 2),
            "not-a-token",
            "a.b.c",
            new string('x', 20_000),
        ];
        foreach (var forgery in forgeries)
        {
            using var answer = await GetProfileAsync(api, forgery);
            await answer.RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        }
    }

    [Fact]
    public async Task A_changed_password_ends_the_tokens_from_before()
    {
        var name = await RegisterAsync();
        using var first = await fixture.Api.LogInAsync(name, "SecurePass123");
        using var second = await fixture.Api.LogInAsync(name, "SecurePass123");
        using var wrong = await first.PostAsync(
            "/api/auth/change-password", new { old_password = "WrongPass123", new_password = "NewSecurePass456" });
        Assert.Equal("旧密码不正确", (await wrong.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("error").GetString());

        using var change = await first.PostAsync(
            "/api/auth/change-password", new { old_password = "SecurePass123", new_password = "NewSecurePass456" });
        Assert.Equal("密码修改成功", (await change.ReadAsync()).GetProperty("message").GetString());
        foreach (var client in new[] { first, second })
        {
            using var answer = await client.GetAsync("/api/auth/profile");
            await answer.RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        }

        using var again = await fixture.Api.LogInAsync(name, "NewSecurePass456");
        using var profile = await again.GetAsync("/api/auth/profile");
        await profile.ReadAsync();
    }

    [Fact]
    public async Task Failures_in_a_row_lock_a_name_known_or_not()
    {
        foreach (var name in new[] { await RegisterAsync(), "nobody-of-this-name" })
        {
            using var client = fixture.Api.Anonymous();
            var attempts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
                client.PostAsync("/api/auth/login", new { username = name, password = $"WrongPass{i}" })));
            Assert.InRange(attempts.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized), 1, 5);

            using var locked = await client.PostAsync("/api/auth/login", new { username = name, password = "SecurePass123" });
            await locked.RefusedAsync(HttpStatusCode.TooManyRequests);
            Assert.InRange(locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 900);
        }
    }

    [Fact]
    public async Task The_key_is_kept_so_tokens_outlive_a_restart()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        await api.KillAsync();
        await api.RestartAsync();
        using var answer = await admin.GetAsync("/api/auth/profile");
        await answer.ReadAsync();
    }

    private async Task<string> RegisterAsync()
    {
        var name = $"user{Interlocked.Increment(ref _users)}";
        using var client = fixture.Api.Anonymous();
        using var answer = await client.PostAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = "SecurePass123" });
        Assert.Equal("用户注册成功", (await answer.ReadAsync(HttpStatusCode.Created)).GetProperty("message").GetString());
        return name;
    }

    private static async Task<HttpResponseMessage> GetProfileAsync(ApiProcess api, string token)
    {
        using var client = api.Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await client.GetAsync("/api/auth/profile");
    }

    private static Dictionary<string, object> Claims(JwtSecurityToken token) =>
        JsonSerializer.Deserialize<Dictionary<string, object>>(token.Payload.SerializeToJson())!;

    private static string Sign(Dictionary<string, object> claims, byte[] key)
    {
        var content = $"{Base64Url("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        return $"{content}.{Base64Url(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(content)))}";
    }

    private static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
