using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace TumorFunctions.LocalWorker.Tests;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("GET", "/api/images", "list")]
    [InlineData("POST", "/api/images", "upload")]
    [InlineData("GET", "/API/Images/", "list")]
    [InlineData("GET", "/api/images/12", "image")]
    [InlineData("GET", "/api/images/recent", "recent")]
    [InlineData("PATCH", "/api/unnamed", "unnamed")]
    [InlineData("GET", "/api/Default", "default")]
    public async Task A_request_reaches_its_function(string method, string path, string expected)
    {
        await using var app = await TestApp.StartAsync<Functions>();
        using var response = await app.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/images")]
    [InlineData("GET", "/api/images/other")]
    [InlineData("DELETE", "/api/images")]
    [InlineData("HEAD", "/api/images")]
    public async Task What_no_route_takes_is_not_found_as_on_the_host(string method, string path)
    {
        await using var app = await TestApp.StartAsync<Functions>();
        using var response = await app.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_worker_says_where_it_serves_how_much()
    {
        await using var app = await TestApp.StartAsync<Functions>();
        Assert.Contains(app.Log.Entries,
            entry => entry.StartsWith($"Information: Serving 6 functions on http://{app.Client.BaseAddress!.Authority}",
                StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "/api/images", "list")]
    [InlineData("DELETE", "/api/images", "rest api/images")]
    [InlineData("GET", "/api/images/other", "rest api/images/other")]
    [InlineData("GET", "/", "rest ")]
    public async Task A_catch_all_takes_what_is_left(string method, string path, string expected)
    {
        using var folder = new TestFolder("host.json", """{ "extensions": { "http": { "routePrefix": "" } } }""");
        await using var app = await TestApp.StartAsync(
            TestApp.Builder(["--FUNCTIONS_APPLICATION_DIRECTORY", folder.Path], typeof(UnprefixedFunctions))
                .ConfigureFunctionsWebApplication());
        using var response = await app.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    public sealed class Functions
    {
        [Function("List")]
        public IActionResult List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "images")] HttpRequest request) =>
            new ContentResult { Content = "list" };

        [Function("Upload")]
        public IActionResult Upload([HttpTrigger(AuthorizationLevel.Admin, "post", Route = "images")] HttpRequest request) =>
            new ContentResult { Content = "upload" };

        [Function("Image")]
        public IActionResult Image(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "images/{id:int}")] HttpRequest request) =>
            new ContentResult { Content = "image" };

        [Function("Recent")]
        public IActionResult Recent([HttpTrigger("get", Route = "images/recent")] HttpRequest request) =>
            new ContentResult { Content = "recent" };

        [Function("Unnamed")]
        public IActionResult Unnamed([HttpTrigger(Route = "unnamed")] HttpRequest request) =>
            new ContentResult { Content = "unnamed" };

        [Function("Default")]
        public IActionResult Default([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            new ContentResult { Content = "default" };
    }

    public sealed class UnprefixedFunctions
    {
        [Function("List")]
        public IActionResult List([HttpTrigger("get", Route = "api/images")] HttpRequest request) =>
            new ContentResult { Content = "list" };

        [Function("Unmatched")]
        public IActionResult Rest([HttpTrigger(Route = "{*path}")] HttpRequest request, string? path) =>
            new ContentResult { Content = $"rest {path}" };
    }
}
