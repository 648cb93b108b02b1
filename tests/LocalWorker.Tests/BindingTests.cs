using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;

namespace TumorFunctions.LocalWorker.Tests;

public sealed class BindingTests
{
    [Theory]
    [InlineData("text/a%20b", "a b")]
    [InlineData("number/-5", "-5")]
    [InlineData("long/5000000000", "5000000000")]
    [InlineData("guid/8D3F1C52-6B5E-4C0D-9B0A-1F6E0D2C3B4A", "8d3f1c52-6b5e-4c0d-9b0a-1f6e0d2c3b4a")]
    [InlineData("flag/true", "True")]
    [InlineData("optional/3", "3")]
    [InlineData("optional", "null")]
    [InlineData("defaulted", "7")]
    [InlineData("context/some", "Context some httpTrigger True")]
    [InlineData("static", "static")]
    [InlineData("result", "iresult")]
    [InlineData("task", "")]
    [InlineData("void", "")]
    [InlineData("value", "")]
    public async Task Parameters_and_results_bind(string path, string expected)
    {
        await using var app = await TestApp.StartAsync<Functions>();
        using var response = await app.Client.GetAsync($"/api/{path}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("number/five")]
    [InlineData("number/99999999999")]
    [InlineData("guid/12")]
    [InlineData("flag/2")]
    public async Task A_value_that_does_not_fit_is_the_middlewares_to_answer(string path)
    {
        Exception? seen = null;
        await using var app = await TestApp.StartAsync<Functions>(builder => builder.UseMiddleware(async (context, next) =>
        {
            try
            {
                await next();
            }
            catch (FunctionInputConverterException exception)
            {
                seen = exception;
                context.GetInvocationResult().Value = new BadRequestResult();
            }
        }));
        using var response = await app.Client.GetAsync($"/api/{path}");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("'id'", seen!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_constraint_decides_before_the_function()
    {
        await using var app = await TestApp.StartAsync<Functions>();
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/api/constrained/five")).StatusCode);
        Assert.Equal("5", await app.Client.GetStringAsync("/api/constrained/5"));
    }

    [Fact]
    public async Task The_trace_of_the_caller_goes_on()
    {
        await using var app = await TestApp.StartAsync<Functions>();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/trace");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var response = await app.Client.SendAsync(request);
        Assert.StartsWith("00-0af7651916cd43dd8448eb211c80319c-", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_invocation_has_its_own_id()
    {
        await using var app = await TestApp.StartAsync<Functions>();
        var first = await app.Client.GetStringAsync("/api/invocation");
        Assert.True(Guid.TryParse(first, out _));
        Assert.NotEqual(first, await app.Client.GetStringAsync("/api/invocation"));
    }

    public sealed class Functions
    {
        [Function("Text")]
        public Task<IActionResult> Text([HttpTrigger(Route = "text/{id}")] HttpRequest request, string id) => Show(id);

        [Function("Number")]
        public Task<IActionResult> Number([HttpTrigger(Route = "number/{id}")] HttpRequest request, int id) => Show(id);

        [Function("Constrained")]
        public Task<IActionResult> Constrained([HttpTrigger(Route = "constrained/{id:int}")] HttpRequest request, int id) => Show(id);

        [Function("Wide")]
        public Task<IActionResult> Wide([HttpTrigger(Route = "long/{id}")] HttpRequest request, long ID) => Show(ID);

        [Function("Uuid")]
        public Task<IActionResult> Uuid([HttpTrigger(Route = "guid/{id}")] HttpRequest request, Guid id) => Show(id);

        [Function("Flag")]
        public Task<IActionResult> Flag([HttpTrigger(Route = "flag/{id}")] HttpRequest request, bool id) => Show(id);

        [Function("Optional")]
        public Task<IActionResult> Optional([HttpTrigger(Route = "optional/{id?}")] HttpRequest request, int? id) => Show(id);

        [Function("Defaulted")]
        public Task<IActionResult> Defaulted([HttpTrigger(Route = "defaulted/{id?}")] HttpRequest request, int id = 7) => Show(id);

        [Function("Context")]
        public Task<IActionResult> Context(
            [HttpTrigger(Route = "context/{id}")] HttpRequest request, FunctionContext context, CancellationToken cancellationToken) =>
            Show($"{context.FunctionDefinition.Name} {context.BindingContext.BindingData["ID"]} " +
                $"{context.FunctionDefinition.InputBindings["request"].Type} " +
                $"{context.CancellationToken == cancellationToken && ReferenceEquals(context.GetHttpContext()!.Request, request)}");

        [Function("Trace")]
        public Task<IActionResult> Trace([HttpTrigger(Route = "trace")] HttpRequest request, FunctionContext context) =>
            Show(context.TraceContext.TraceParent);

        [Function("Invocation")]
        public Task<IActionResult> Invocation([HttpTrigger(Route = "invocation")] HttpRequest request, FunctionContext context) =>
            Show(context.InvocationId);

        [Function("Static")]
        public static IActionResult Static([HttpTrigger(Route = "static")] HttpRequest request) =>
            new ContentResult { Content = "static" };

        [Function("Result")]
        public IResult Result([HttpTrigger(Route = "result")] HttpRequest request) => Results.Text("iresult");

        [Function("Task")]
        public async Task Nothing([HttpTrigger(Route = "task")] HttpRequest request) => await Task.Yield();

        [Function("Void")]
        public void Void([HttpTrigger(Route = "void")] HttpRequest request)
        {
        }

        [Function("Value")]
        public Task<string> Value([HttpTrigger(Route = "value")] HttpRequest request) => Task.FromResult("not sent, as on Azure");

        private static async Task<IActionResult> Show(object? value)
        {
            await Task.Yield();
            return new ContentResult { Content = value?.ToString() ?? "null" };
        }
    }
}
