using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;

namespace TumorFunctions.Api.Tests;

public sealed class AuditTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private HttpClient Admin => fixture.Admin;

    [Fact]
    public async Task Changes_are_told_with_who_what_and_from_what_to_what()
    {
        var id = await Admin.UploadedIdAsync(null, ("patient_id", "AUD-1"), ("patient_name", "保密姓名"));
        using var put = await Admin.SendJsonAsync(
            HttpMethod.Put, $"/api/medical/{id}", """{"is_validated":true,"diagnosis":"脑膜瘤","patient_name":"另一姓名"}""");
        await put.ReadAsync();
        using var delete = await Admin.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative));
        await delete.ReadAsync();

        var entries = (await ListAsync("")).EnumerateArray().Where(entry => Text(entry, "target") == $"{id}").ToArray();
        Assert.Equal(["image.delete", "image.update", "image.upload"], entries.Select(entry => Text(entry, "action")));
        Assert.All(entries, entry => Assert.Equal("admin", Text(entry, "username")));
        Assert.All(entries, entry => Assert.NotEmpty(Text(entry, "correlation_id")!));
        var changes = entries[1].GetProperty("changes").EnumerateArray()
            .Select(change => (Text(change, "field"), Text(change, "from"), Text(change, "to")));
        Assert.Equal([("diagnosis", null, "脑膜瘤"), ("is_validated", "false", "true")], changes);
        Assert.DoesNotContain("姓名", (await ListAsync("")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accounts_are_told_of_without_their_secrets()
    {
        using var created = await Admin.PostAsync(
            "/api/admin/users", new { username = "audited", email = "audited@hospital.com", password = "Secret12345", role = "doctor" });
        var id = (await created.ReadAsync(HttpStatusCode.Created)).GetProperty("user").GetProperty("id").GetInt32();
        using var put = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/admin/users/{id}", """{"role":"technician","password":"Hidden12345"}""");
        await put.ReadAsync();
        var update = (await ListAsync("action=user.update")).EnumerateArray().First(entry => Text(entry, "target") == $"{id}");
        Assert.Equal(
            [("role", "doctor", "technician"), ("password", null, "reset")],
            update.GetProperty("changes").EnumerateArray().Select(change => (Text(change, "field"), Text(change, "from"), Text(change, "to"))));
        var all = (await ListAsync("per_page=100")).GetRawText();
        Assert.DoesNotContain("12345", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_refused_is_no_change()
    {
        var before = await TotalAsync();
        using var missing = await Admin.DeleteAsync(new Uri("/api/medical/999999", UriKind.Relative));
        await missing.RefusedAsync(HttpStatusCode.NotFound);
        using var bad = await Admin.PostAsync("/api/admin/users", new { username = "x" });
        await bad.RefusedAsync(HttpStatusCode.BadRequest);
        Assert.Equal(before, await TotalAsync());
    }

    [Fact]
    public async Task The_log_is_filtered_and_paged_and_for_administrators()
    {
        for (var i = 0; i < 3; i++)
        {
            await Admin.UploadedIdAsync();
        }

        Assert.Equal(2, (await ListAsync("action=image.upload&per_page=2")).GetArrayLength());
        var all = (await ListAsync("per_page=100")).EnumerateArray().Select(entry => entry.GetRawText()).ToArray();
        var pages = new List<string>();
        for (var page = 1; pages.Count < all.Length; page++)
        {
            pages.AddRange((await ListAsync($"per_page=2&page={page}")).EnumerateArray().Select(entry => entry.GetRawText()));
        }

        Assert.Equal(all, pages);
        Assert.Empty((await ListAsync("start=2020-01-01&end=2020-01-31")).EnumerateArray());
        Assert.Empty((await ListAsync("user_id=424242")).EnumerateArray());
        using var range = await Admin.GetAsync("/api/admin/audit?start=2020-01-01&end=2021-01-31");
        await range.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        using var nobody = fixture.Api.Anonymous();
        using var refused = await nobody.GetAsync("/api/admin/audit");
        await refused.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
    }

    [Fact]
    public void Every_function_that_can_change_something_is_audited_or_exempt()
    {
        var changing = typeof(Access).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetParameters()
                .Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>())
                .Any(trigger => trigger?.Methods?.Any(verb => verb is not ("get" or "head")) == true))
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()!.Name)
            .Where(name => name != "ZUnknownRoute")
            .Order(StringComparer.Ordinal);
        Assert.Equal(changing, AuditedFunctions.Actions.Keys.Union(AuditedFunctions.Exempt).Order(StringComparer.Ordinal));
        Assert.Empty(AuditedFunctions.Actions.Keys.Intersect(AuditedFunctions.Exempt));
    }

    private async Task<JsonElement> ListAsync(string query)
    {
        using var answer = await Admin.GetAsync($"/api/admin/audit?{query}");
        return (await answer.ReadAsync()).GetProperty("entries");
    }

    private async Task<long> TotalAsync()
    {
        using var answer = await Admin.GetAsync("/api/admin/audit");
        return (await answer.ReadAsync()).GetProperty("pagination").GetProperty("total").GetInt64();
    }

    private static string? Text(JsonElement item, string name) => item.GetProperty(name).GetString();
}
