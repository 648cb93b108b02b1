using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace TumorFunctions.LocalWorker.Tests;

public sealed class MiddlewareTests
{
    [Fact]
    public async Task Steps_run_in_the_order_in_which_they_were_added()
    {
        await using var app = await TestApp.StartAsync<Functions>(builder =>
        {
            builder.UseMiddleware<Outer>();
            builder.UseMiddleware(async (context, next) =>
            {
                Trail(context).Add("inner in");
                await next();
                Trail(context).Add("inner out");
            });
            builder.UseWhen(_ => false, (_, _) => throw new InvalidOperationException("skipped"));
            builder.UseWhen<Refusing>(context => context.FunctionDefinition.Name == "Fail");
        });
        Assert.Equal("outer in,inner in,function,inner out,outer out", await app.Client.GetStringAsync("/api/show"));
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync("/api/fail")).StatusCode);
    }

    [Fact]
    public async Task A_step_that_does_not_go_on_answers_itself()
    {
        await using var app = await TestApp.StartAsync<Functions>(builder => builder.UseMiddleware(async (context, _) =>
        {
            var http = context.GetHttpContext()!;
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            await http.Response.WriteAsync("who are you?");
        }));
        using var response = await app.Client.GetAsync("/api/show");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("who are you?", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_step_maps_an_exception_to_a_result()
    {
        await using var app = await TestApp.StartAsync<Functions>(builder => builder.UseMiddleware(async (context, next) =>
        {
            try
            {
                await next();
            }
            catch (NotSupportedException exception)
            {
                context.GetInvocationResult().Value = new ConflictObjectResult(new { error = exception.Message });
            }
        }));
        using var response = await app.Client.GetAsync("/api/fail");
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("""{"error":"secret"}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_step_sees_and_replaces_the_result()
    {
        await using var app = await TestApp.StartAsync<Functions>(builder => builder.UseMiddleware(async (context, next) =>
        {
            var before = context.GetInvocationResult();
            await next();
            Assert.Null(before.Value);
            var after = context.GetInvocationResult();
            Assert.IsAssignableFrom<ContentResult>(after.Value);
            after.Value = new ContentResult { Content = "replaced" };
        }));
        Assert.Equal("replaced", await app.Client.GetStringAsync("/api/show"));
    }

    [Fact]
    public async Task An_unhandled_exception_is_a_bare_500()
    {
        await using var app = await TestApp.StartAsync<Functions>();
        using var response = await app.Client.GetAsync("/api/fail");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
        Assert.Contains(app.Log.Entries, entry => entry.StartsWith("Error: Function 'Fail'", StringComparison.Ordinal)
            && entry.EndsWith("secret", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await app.Client.GetAsync("/api/show")).StatusCode);
    }

    [Fact]
    public async Task A_result_that_fails_is_a_bare_500_too_and_not_the_steps_to_catch()
    {
        var caught = false;
        await using var app = await TestApp.StartAsync<Functions>(builder => builder.UseMiddleware(async (_, next) =>
        {
            try
            {
                await next();
            }
            catch (NotSupportedException)
            {
                caught = true;
            }
        }));
        Assert.Equal(HttpStatusCode.InternalServerError, (await app.Client.GetAsync("/api/failingresult")).StatusCode);
        Assert.False(caught);
    }

    [Fact]
    public async Task A_response_that_breaks_off_does_not_look_whole()
    {
        await using var app = await TestApp.StartAsync<Functions>();
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Client.GetStringAsync("/api/breaksoff"));
    }

    [Fact]
    public async Task Only_steps_added_after_the_web_application_see_the_http_context()
    {
        var seen = new List<bool>();
        var builder = TestApp.Builder([], typeof(Functions));
        builder.UseMiddleware((context, next) =>
        {
            seen.Add(context.GetHttpContext() != null);
            return next();
        });
        builder.ConfigureFunctionsWebApplication();
        builder.UseMiddleware((context, next) =>
        {
            seen.Add(context.GetHttpContext() != null);
            return next();
        });
        await using var app = await TestApp.StartAsync(builder);
        await app.Client.GetStringAsync("/api/show");
        Assert.Equal([false, true], seen);
    }

    [Fact]
    public async Task Each_invocation_has_a_scope_that_ends_with_it()
    {
        var log = new List<string>();
        await using var app = await TestApp.StartAsync<ScopedFunctions>(builder =>
        {
            builder.Services.AddSingleton(log);
            builder.Services.AddScoped<Scoped>();
            builder.UseMiddleware((context, next) =>
            {
                Assert.Same(context.InstanceServices, context.GetHttpContext()!.RequestServices);
                context.InstanceServices.GetRequiredService<Scoped>().Name = "from middleware";
                return next();
            });
        });
        Assert.Equal("from middleware", await app.Client.GetStringAsync("/api/scoped"));
        await app.StopAsync();
        Assert.Equal(["built", "disposed"], log);
    }

    private static List<string> Trail(FunctionContext context)
    {
        if (!context.Items.TryGetValue("trail", out var trail))
        {
            context.Items["trail"] = trail = new List<string>();
        }
        return (List<string>)trail;
    }

    public sealed class Functions
    {
        [Function("Show")]
        public IActionResult Show([HttpTrigger(Route = "show")] HttpRequest request, FunctionContext context)
        {
            Trail(context).Add("function");
            return new TrailResult(context);
        }

        [Function("Fail")]
        public IActionResult Fail([HttpTrigger(Route = "fail")] HttpRequest request) => throw new NotSupportedException("secret");

        [Function("FailingResult")]
        public IActionResult FailingResult([HttpTrigger(Route = "failingresult")] HttpRequest request) => new Failing();

        [Function("BreaksOff")]
        public async Task BreaksOff([HttpTrigger(Route = "breaksoff")] HttpRequest request)
        {
            await request.HttpContext.Response.WriteAsync("half");
            await request.HttpContext.Response.Body.FlushAsync();
            throw new NotSupportedException("secret");
        }
    }

    public sealed class ScopedFunctions(Scoped scoped)
    {
        [Function("Scoped")]
        public IActionResult Run([HttpTrigger(Route = "scoped")] HttpRequest request) =>
            new ContentResult { Content = scoped.Name };
    }

    public sealed class Scoped : IDisposable
    {
        private readonly List<string> _log;

        public Scoped(List<string> log)
        {
            _log = log;
            log.Add("built");
        }

        public string Name { get; set; } = "";

        public void Dispose() => _log.Add("disposed");
    }

    /// <summary>Shows the trail as it is when the result is written.</summary>
    private sealed class TrailResult(FunctionContext context) : ContentResult
    {
        public override Task ExecuteResultAsync(ActionContext actionContext)
        {
            Content = string.Join(',', Trail(context));
            return base.ExecuteResultAsync(actionContext);
        }
    }

    private sealed class Failing : ActionResult
    {
        public override Task ExecuteResultAsync(ActionContext context) => throw new NotSupportedException("secret");
    }

    private sealed class Outer : IFunctionsWorkerMiddleware
    {
        public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            Trail(context).Add("outer in");
            await next(context);
            Trail(context).Add("outer out");
        }
    }

    private sealed class Refusing : IFunctionsWorkerMiddleware
    {
        public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
        {
            context.GetInvocationResult().Value = new StatusCodeResult(StatusCodes.Status403Forbidden);
            return Task.CompletedTask;
        }
    }
}
