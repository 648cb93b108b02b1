using System.Net;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class UserTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Password = "TempPassword123";

    private HttpClient Admin => fixture.Admin;

    [Fact]
    public async Task An_account_is_created_read_changed_and_deleted()
    {
        using var created = await Admin.PostAsync("/api/admin/users", new
        {
            username = "doctor2",
            email = "doctor2@hospital.com",
            password = Password,
            role = "doctor",
            department = "神经外科",
            phone = "1234567890",
        });
        var answer = await created.ReadAsync(HttpStatusCode.Created);
        Assert.Equal("用户创建成功", answer.GetProperty("message").GetString());
        var id = answer.GetProperty("user").GetProperty("id").GetInt32();
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("user").GetProperty("last_login").ValueKind);

        using var doctor = await fixture.Api.LogInAsync("doctor2", Password);
        var user = await GetAsync(id);
        Assert.Equal(("doctor2@hospital.com", "神经外科", "1234567890"), (Text(user, "email"), Text(user, "department"), Text(user, "phone")));
        Assert.Equal(JsonValueKind.String, user.GetProperty("last_login").ValueKind);

        using var put = await Admin.SendJsonAsync(
            HttpMethod.Put, $"/api/admin/users/{id}", """{"email":"newemail@hospital.com","role":"technician","name":"李医生","phone":null}""");
        var changed = (await put.ReadAsync()).GetProperty("user");
        Assert.Equal(("newemail@hospital.com", "technician", "李医生"), (Text(changed, "email"), Text(changed, "role"), Text(changed, "name")));
        Assert.Equal(JsonValueKind.Null, changed.GetProperty("phone").ValueKind);
        Assert.Equal("神经外科", Text(changed, "department"));

        // The role holds at once, with the token of before.
        using var forbidden = await doctor.SendJsonAsync(HttpMethod.Put, "/api/medical/1", "{}");
        await forbidden.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");

        using var deleted = await Admin.DeleteAsync(new Uri($"/api/admin/users/{id}", UriKind.Relative));
        Assert.Equal("用户删除成功", Text(await deleted.ReadAsync(), "message"));
        using var gone = await doctor.GetAsync("/api/auth/profile");
        await gone.RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        using var missing = await Admin.GetAsync($"/api/admin/users/{id}");
        await missing.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");

        // Name and address are free again.
        await CreateAsync("doctor2", "doctor", "newemail@hospital.com");
    }

    [Fact]
    public async Task Names_and_addresses_are_given_once()
    {
        var id = await CreateAsync("unique1", "doctor");
        await CreateAsync("unique2", "doctor");
        using var name = await Admin.PostAsync(
            "/api/admin/users", new { username = "UNIQUE1", email = "else@hospital.com", password = Password, role = "doctor" });
        Assert.Equal("用户名已存在", Text(await name.RefusedAsync(HttpStatusCode.BadRequest), "error"));
        using var taken = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"email":"unique2@hospital.com"}""");
        Assert.Equal("邮箱已被使用", Text(await taken.RefusedAsync(HttpStatusCode.BadRequest), "error"));
        using var own = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"email":"Unique1@hospital.com"}""");
        Assert.Equal("Unique1@hospital.com", Text((await own.ReadAsync()).GetProperty("user"), "email"));
    }

    [Theory]
    [InlineData("""{"email":"x@hospital.com","password":"TempPassword123","role":"doctor"}""", "username")]
    [InlineData("""{"username":"someone","password":"TempPassword123","role":"doctor"}""", "email")]
    [InlineData("""{"username":"someone","email":"x@hospital.com","role":"doctor"}""", "password")]
    [InlineData("""{"username":"someone","email":"x@hospital.com","password":"TempPassword123"}""", "role")]
    [InlineData("""{"username":"someone","email":"x@hospital.com","password":"TempPassword123","role":"root"}""", "role")]
    [InlineData("""{"username":"someone","email":"x@hospital.com","password":"TempPassword123","role":"doctor","is_admin":true}""", "is_admin")]
    public async Task Bad_accounts_are_refused_by_the_name_of_the_field(string body, string field)
    {
        using var answer = await Admin.SendJsonAsync(HttpMethod.Post, "/api/admin/users", body);
        Assert.Contains(field, Text(await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR"), "error"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_is_paged_filtered_and_searched()
    {
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync($"listed{i}", i % 2 == 0 ? "technician" : "patient");
        }

        var all = await ListAsync("per_page=2&search=LISTED");
        Assert.Equal((5, 3), (Number(all, "total"), Number(all, "pages")));
        Assert.Equal(["listed0", "listed1"], Names(all));
        Assert.Equal(["listed4"], Names(await ListAsync("per_page=2&page=3&search=listed")));
        Assert.Equal(["listed1", "listed3"], Names(await ListAsync("search=listed&role=patient")));
        Assert.Equal(["listed2"], Names(await ListAsync("search=listed2@hosp")));
        Assert.Contains("admin", Names(await ListAsync("role=admin")));
        Assert.Empty(Names(await ListAsync("search=%25")));
        using var role = await Admin.GetAsync("/api/admin/users?role=king");
        await role.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        using var page = await Admin.GetAsync("/api/admin/users?page=0");
        await page.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.DoesNotContain("hash", (await ListAsync("")).GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_password_set_anew_ends_the_tokens_of_before()
    {
        var id = await CreateAsync("forgetful", "doctor");
        using var old = await fixture.Api.LogInAsync("forgetful", Password);
        using var put = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"password":"Another12345"}""");
        await put.ReadAsync();
        using var refused = await old.GetAsync("/api/auth/profile");
        await refused.RefusedAsync(HttpStatusCode.Unauthorized, "INVALID_TOKEN");
        using var fresh = await fixture.Api.LogInAsync("forgetful", "Another12345");
    }

    [Fact]
    public async Task A_linked_patient_sees_the_own_records_only()
    {
        var own = await Admin.UploadedIdAsync(null, ("patient_id", "LINK-1"));
        var other = await Admin.UploadedIdAsync(null, ("patient_id", "LINK-2"));
        var id = await CreateAsync("patient-li", "patient");
        using var patient = await fixture.Api.LogInAsync("patient-li", Password);
        using var before = await patient.GetAsync($"/api/medical/{own}");
        await before.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");

        using var put = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"patient_id":"LINK-1"}""");
        await put.ReadAsync();
        using var visible = await patient.GetAsync($"/api/medical/{own}");
        await visible.ReadAsync();
        using var hidden = await patient.GetAsync($"/api/medical/{other}");
        await hidden.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task Nobody_deletes_the_own_account()
    {
        using var profile = await Admin.GetAsync("/api/auth/profile");
        var id = (await profile.ReadAsync()).GetProperty("user").GetProperty("id").GetInt32();
        using var answer = await Admin.DeleteAsync(new Uri($"/api/admin/users/{id}", UriKind.Relative));
        await answer.RefusedAsync(HttpStatusCode.Conflict, "OWN_ACCOUNT");
    }

    [Fact]
    public async Task An_administrator_is_left_whoever_races()
    {
        await using var api = await ApiProcess.StartAsync();
        using var first = await api.LogInAsync();
        for (var round = 0; round < 5; round++)
        {
            using var created = await first.PostAsync(
                "/api/admin/users", new { username = $"second{round}", email = $"second{round}@hospital.com", password = Password, role = "admin" });
            var id = (await created.ReadAsync(HttpStatusCode.Created)).GetProperty("user").GetProperty("id").GetInt32();
            using var second = await api.LogInAsync($"second{round}", Password);

            // Each takes the other's rights away at the same time.
            var answers = await Task.WhenAll(
                first.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"role":"doctor"}"""),
                second.SendJsonAsync(HttpMethod.Put, "/api/admin/users/1", """{"role":"doctor"}"""));
            var survivor = answers[0].IsSuccessStatusCode ? first : second;
            Assert.Equal(1, answers.Count(answer => answer.IsSuccessStatusCode));
            var list = await (await survivor.GetAsync("/api/admin/users?role=admin")).ReadAsync();
            Assert.Equal(1, Number(list, "total"));

            // The one that is left gives the first its rights back.
            using var restored = await survivor.SendJsonAsync(HttpMethod.Put, "/api/admin/users/1", """{"role":"admin"}""");
            await restored.ReadAsync();
            using var demoted = await first.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"role":"doctor"}""");
            await demoted.ReadAsync();
            Array.ForEach(answers, answer => answer.Dispose());
        }

        using var last = await first.SendJsonAsync(HttpMethod.Put, "/api/admin/users/1", """{"role":"doctor"}""");
        await last.RefusedAsync(HttpStatusCode.Conflict, "LAST_ADMINISTRATOR");
    }

    private async Task<int> CreateAsync(string name, string role, string? email = null)
    {
        using var created = await Admin.PostAsync(
            "/api/admin/users", new { username = name, email = email ?? $"{name}@hospital.com", password = Password, role });
        return (await created.ReadAsync(HttpStatusCode.Created)).GetProperty("user").GetProperty("id").GetInt32();
    }

    private async Task<JsonElement> GetAsync(int id)
    {
        using var answer = await Admin.GetAsync($"/api/admin/users/{id}");
        return (await answer.ReadAsync()).GetProperty("user");
    }

    private async Task<JsonElement> ListAsync(string query)
    {
        using var answer = await Admin.GetAsync($"/api/admin/users?{query}");
        return await answer.ReadAsync();
    }

    private static string[] Names(JsonElement list) => [.. list.GetProperty("users").EnumerateArray().Select(user => Text(user, "username")!)];

    private static int Number(JsonElement list, string name) => list.GetProperty("pagination").GetProperty(name).GetInt32();

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();
}
