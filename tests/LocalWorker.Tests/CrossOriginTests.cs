using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace TumorFunctions.LocalWorker.Tests;

public sealed class CrossOriginTests
{
    [Theory]
    [InlineData("*", "http://localhost:5173", "*")]
    [InlineData("http://localhost:5173, https://front.example", "https://front.example", "https://front.example")]
    [InlineData("http://localhost:5173", "https://evil.example", null)]
    [InlineData(null, "http://localhost:5173", null)]
    public async Task Origins_that_the_setting_names_may_call(string? setting, string origin, string? allowed)
    {
        string[] args = setting is null ? [] : ["--Host:CORS", setting];
        await using var app = await TestApp.StartAsync(TestApp.Builder(args, typeof(Functions)).ConfigureFunctionsWebApplication());
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/api/thing");
        preflight.Headers.Add("Origin", origin);
        preflight.Headers.Add("Access-Control-Request-Method", "PUT");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        using var answer = await app.Client.SendAsync(preflight);
        Assert.Equal(allowed, Header(answer, "Access-Control-Allow-Origin"));
        if (allowed is not null)
        {
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Contains("authorization", Header(answer, "Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
            Assert.Contains("PUT", Header(answer, "Access-Control-Allow-Methods"), StringComparison.OrdinalIgnoreCase);
        }

        using var call = new HttpRequestMessage(HttpMethod.Put, "/api/thing");
        call.Headers.Add("Origin", origin);
        using var called = await app.Client.SendAsync(call);
        Assert.Equal(HttpStatusCode.OK, called.StatusCode);
        Assert.Equal(allowed, Header(called, "Access-Control-Allow-Origin"));
    }

    [Fact]
    public void Credentials_for_everybody_are_refused()
    {
        var builder = TestApp.Builder(["--Host:CORS", "*", "--Host:CORSCredentials", "true"], typeof(Functions)).ConfigureFunctionsWebApplication();
        var exception = Assert.Throws<InvalidOperationException>(() => builder.Build());
        Assert.Contains("Host:CORSCredentials", exception.Message, StringComparison.Ordinal);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    public sealed class Functions
    {
        [Function("Thing")]
        public static IActionResult Thing([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "thing")] HttpRequest request) =>
            new OkObjectResult(request.Method);
    }
}
