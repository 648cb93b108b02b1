using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;

namespace TumorFunctions.LocalWorker.Tests;

/// <summary>What would go wrong later, or only on Azure, is refused before the app listens, with the functions named.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData(typeof(SameName), "share a name", "SameName.One", "SameName.Two")]
    [InlineData(typeof(SameRoute), "share a route", "'One'", "'Two'")]
    [InlineData(typeof(OtherOnAzure), "On Azure", "'All'", "'Recent'")]
    [InlineData(typeof(CatchAllFirst), "On Azure", "'NotFound'", "'Profile'")]
    [InlineData(typeof(HostsRoute), "'admin'", "'One'")]
    [InlineData(typeof(BadTemplate), "not a route template", "'One'")]
    [InlineData(typeof(NotInRoute), "'id'", "'One'")]
    [InlineData(typeof(UnknownType), "'id'", "Uri")]
    [InlineData(typeof(NotAwaited), "ValueTask", "'One'")]
    [InlineData(typeof(NotPublic), "public", "'One'")]
    [InlineData(typeof(NoTrigger), "0 trigger attributes", "'One'")]
    public void An_app_that_cannot_work_is_not_built(Type functions, params string[] expected)
    {
        var builder = TestApp.Builder([], functions).ConfigureFunctionsWebApplication();
        var exception = Assert.Throws<InvalidOperationException>(builder.Build);
        Assert.All(expected, text => Assert.Contains(text, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Http_functions_need_the_web_application()
    {
        var exception = Assert.Throws<InvalidOperationException>(TestApp.Builder([], typeof(Fine)).Build);
        Assert.Contains("ConfigureFunctionsWebApplication", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Routes_that_overlap_in_the_hosts_order_are_served() =>
        TestApp.Builder([], typeof(Fine)).ConfigureFunctionsWebApplication().Build().Dispose();

    [Fact]
    public void Functions_are_those_of_the_named_application()
    {
        var name = typeof(RefusalTests).Assembly.GetName().Name!;
        var builder = FunctionsApplication.CreateBuilder(["--applicationName", name]).ConfigureFunctionsWebApplication();
        Assert.Contains(name, Assert.Throws<InvalidOperationException>(builder.Build).Message, StringComparison.Ordinal);
    }

    public sealed class SameName
    {
        [Function("Images")]
        public IActionResult One([HttpTrigger(Route = "one")] HttpRequest request) => new OkResult();

        [Function("images")]
        public IActionResult Two([HttpTrigger(Route = "two")] HttpRequest request) => new OkResult();
    }

    public sealed class SameRoute
    {
        [Function("One")]
        public IActionResult One([HttpTrigger("get", "post", Route = "images/{id}")] HttpRequest request) => new OkResult();

        [Function("Two")]
        public IActionResult Two([HttpTrigger("POST", Route = "/Images/{name}/")] HttpRequest request) => new OkResult();
    }

    public sealed class OtherOnAzure
    {
        [Function("All")]
        public IActionResult All([HttpTrigger("get", Route = "images/{id}")] HttpRequest request) => new OkResult();

        [Function("Recent")]
        public IActionResult Recent([HttpTrigger("get", Route = "images/recent")] HttpRequest request) => new OkResult();
    }

    public sealed class CatchAllFirst
    {
        [Function("NotFound")]
        public IActionResult All([HttpTrigger(Route = "{*path}")] HttpRequest request) => new OkResult();

        [Function("Profile")]
        public IActionResult Profile([HttpTrigger("get", Route = "profile")] HttpRequest request) => new OkResult();
    }

    public sealed class Fine
    {
        [Function("Image")]
        public IActionResult Image([HttpTrigger("get", Route = "images/{id:int}")] HttpRequest request) => new OkResult();

        [Function("Latest")]
        public IActionResult Latest([HttpTrigger("get", Route = "images/latest")] HttpRequest request) => new OkResult();

        [Function("Named")]
        public IActionResult Named([HttpTrigger("get", Route = "images/{name}")] HttpRequest request) => new OkResult();

        [Function("Pixels")]
        public IActionResult Pixels([HttpTrigger("get", Route = "images/{id}/pixels")] HttpRequest request) => new OkResult();

        [Function("Remove")]
        public IActionResult Remove([HttpTrigger("delete", Route = "images/latest")] HttpRequest request) => new OkResult();

        [Function("Unmatched")]
        public IActionResult Unmatched([HttpTrigger(Route = "{*path}")] HttpRequest request) => new OkResult();
    }

    public sealed class HostsRoute
    {
        [Function("One")]
        public IActionResult One([HttpTrigger(Route = "Admin/users")] HttpRequest request) => new OkResult();
    }

    public sealed class BadTemplate
    {
        [Function("One")]
        public IActionResult One([HttpTrigger(Route = "images/{id")] HttpRequest request) => new OkResult();
    }

    public sealed class NotInRoute
    {
        [Function("One")]
        public IActionResult One([HttpTrigger(Route = "images")] HttpRequest request, string id) => new ContentResult { Content = id };
    }

    public sealed class UnknownType
    {
        [Function("One")]
        public IActionResult One([HttpTrigger(Route = "images/{id}")] HttpRequest request, Uri id) => new OkObjectResult(id);
    }

    public sealed class NotAwaited
    {
        [Function("One")]
        public ValueTask<IActionResult> One([HttpTrigger(Route = "images")] HttpRequest request) => new(new OkResult());
    }

    public sealed class NotPublic
    {
        [Function("One")]
        internal IActionResult One([HttpTrigger(Route = "images")] HttpRequest request) => new OkResult();
    }

    public sealed class NoTrigger
    {
        [Function("One")]
        public IActionResult One(HttpRequest request) => new OkResult();
    }
}
