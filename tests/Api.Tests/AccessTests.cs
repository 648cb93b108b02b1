using System.Net;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;

namespace TumorFunctions.Api.Tests;

public sealed class AccessTests
{
    private static readonly string[] FunctionNames =
    [
        .. typeof(Access).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .Where(method => method.GetParameters().Any(parameter => parameter.IsDefined(typeof(HttpTriggerAttribute))))
            .Select(method => method.GetCustomAttribute<FunctionAttribute>()?.Name)
            .OfType<string>(),
    ];

    [Fact]
    public void Every_function_that_is_called_over_HTTP_stands_in_the_table_and_nothing_else_does() =>
        Assert.Equal(FunctionNames.Order(StringComparer.Ordinal), Access.Functions.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public async Task A_doctor_works_but_deletes_only_own_images_and_administers_nothing()
    {
        await using var api = await ApiProcess.StartAsync();
        using var admin = await api.LogInAsync();
        using var doctor = await RegisterAsync(api, "doctor");
        var foreign = await admin.UploadedIdAsync();
        var own = await doctor.UploadedIdAsync();

        using var seen = await doctor.GetAsync($"/api/medical/{foreign}");
        await seen.ReadAsync();
        using var refused = await doctor.DeleteAsync(new Uri($"/api/medical/{foreign}", UriKind.Relative));
        Assert.Equal("权限不足", (await refused.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN")).GetProperty("error").GetString());
        using var batch = await doctor.PostAsync("/api/medical/delete-batch", new { ids = new[] { own, foreign } });
        Assert.Equal(own, Assert.Single((await batch.ReadAsync()).GetProperty("deleted_ids").EnumerateArray()).GetInt32());
        using var left = await admin.GetAsync($"/api/medical/{foreign}");
        await left.ReadAsync();
        foreach (var path in new[] { "/api/admin/model", "/api/admin/monitor" })
        {
            using var answer = await doctor.GetAsync(path);
            await answer.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        }
    }

    [Fact]
    public async Task A_technician_uploads_and_analyses_but_neither_edits_nor_deletes()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Auth__SelfRegistrationRole"] = "technician" });
        using var technician = await RegisterAsync(api, "technician");
        var id = await technician.UploadedIdAsync();
        using var analysis = await technician.PostAsync($"/api/results/analyze/{id}");
        await analysis.ReadAsync();
        using var edit = await technician.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", """{"age":1}""");
        await edit.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var delete = await technician.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative));
        await delete.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    [Fact]
    public async Task A_patient_without_a_link_sees_and_changes_nothing()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Auth__SelfRegistrationRole"] = "patient" });
        using var admin = await api.LogInAsync();
        using var patient = await RegisterAsync(api, "patient");
        using var upload = await admin.UploadAsync(Requests.Png(), fields: ("patient_id", "P001"));
        var image = await upload.ReadAsync(HttpStatusCode.Created);
        using var list = await patient.GetAsync("/api/medical/list?patient_id=P001");
        Assert.Equal(0, (await list.ReadAsync()).GetProperty("images").GetArrayLength());
        foreach (var path in new[] { $"/api/medical/{image.GetProperty("image_id")}", image.GetProperty("file_url").GetString()! })
        {
            using var answer = await patient.GetAsync(path);
            await answer.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }

        using var own = await patient.UploadAsync(Requests.Png());
        await own.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var stats = await patient.GetAsync("/api/dashboard/stats");
        await stats.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("janitor")]
    public async Task Nobody_registers_as_administrator_by_a_setting(string role)
    {
        var failure = await Assert.ThrowsAnyAsync<Exception>(() => ApiProcess.StartAsync(new() { ["Auth__SelfRegistrationRole"] = role }));
        Assert.Contains("Auth__SelfRegistrationRole", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<HttpClient> RegisterAsync(ApiProcess api, string name)
    {
        using var client = api.Anonymous();
        using var answer = await client.PostAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = "SecurePass123" });
        await answer.ReadAsync(HttpStatusCode.Created);
        return await api.LogInAsync(name, "SecurePass123");
    }
}
