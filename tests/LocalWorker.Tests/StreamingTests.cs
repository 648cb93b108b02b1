using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace TumorFunctions.LocalWorker.Tests;

public sealed class StreamingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_function_reads_a_body_while_it_is_sent()
    {
        var signals = new Signals();
        await using var app = await StartAsync(signals);
        using var response = await app.Client.PostAsync("/api/read", new PausingContent(signals));
        Assert.Equal("2", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_client_reads_a_response_while_it_is_written()
    {
        var signals = new Signals();
        await using var app = await StartAsync(signals);
        await using var stream = await app.Client.GetStreamAsync("/api/write");
        var buffer = new byte[1];
        Assert.Equal(1, await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience));
        signals.Continue.SetResult();
        Assert.Equal(1, await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience));
        Assert.Equal(0, await stream.ReadAsync(buffer).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task The_apps_own_body_limit_counts()
    {
        await using var app = await TestApp.StartAsync<Functions>(builder =>
        {
            builder.Services.AddSingleton(new Signals());
            builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = 40_000_000);
        });
        using var accepted = await app.Client.PostAsync("/api/count", new ByteArrayContent(new byte[40_000_000]));
        Assert.Equal("40000000", await accepted.Content.ReadAsStringAsync());

        // Expect: 100-continue, so that the refusal is read before the body is sent.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/count") { Content = new ByteArrayContent(new byte[40_000_001]) };
        request.Headers.ExpectContinue = true;
        using var refused = await app.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task A_client_that_leaves_cancels_the_function()
    {
        var signals = new Signals();
        await using var app = await StartAsync(signals);
        using var leave = new CancellationTokenSource();
        var request = app.Client.GetAsync("/api/wait", leave.Token);
        await signals.Reached.Task.WaitAsync(Patience);
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await signals.Cancelled.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Shutdown_lets_a_running_request_finish_and_takes_no_new_one()
    {
        var signals = new Signals();
        await using var app = await StartAsync(signals);
        var running = app.Client.GetStringAsync("/api/finish");
        await signals.Reached.Task.WaitAsync(Patience);
        var stopping = app.StopAsync();
        Assert.False(stopping.IsCompleted);
        signals.Continue.SetResult();
        Assert.Equal("finished", await running.WaitAsync(Patience));
        await stopping.WaitAsync(Patience);
        using var client = new TcpClient();
        await Assert.ThrowsAnyAsync<SocketException>(
            () => client.ConnectAsync(app.Client.BaseAddress!.Host, app.Client.BaseAddress.Port));
    }

    private static Task<TestApp> StartAsync(Signals signals) =>
        TestApp.StartAsync<Functions>(builder => builder.Services.AddSingleton(signals));

    public sealed class Functions(Signals signals)
    {
        [Function("Read")]
        public async Task<IActionResult> Read([HttpTrigger("post", Route = "read")] HttpRequest request)
        {
            var total = await request.Body.ReadAsync(new byte[1]);
            signals.Continue.SetResult();
            total += await request.Body.ReadAsync(new byte[1]);
            return new ContentResult { Content = $"{total}" };
        }

        [Function("Count")]
        public async Task<IActionResult> Count([HttpTrigger("post", Route = "count")] HttpRequest request)
        {
            var buffer = new byte[65536];
            long total = 0;
            for (int read; (read = await request.Body.ReadAsync(buffer)) > 0;)
            {
                total += read;
            }
            return new ContentResult { Content = $"{total}" };
        }

        [Function("Write")]
        public async Task Write([HttpTrigger("get", Route = "write")] HttpRequest request)
        {
            var body = request.HttpContext.Response.Body;
            await body.WriteAsync(new byte[1]);
            await body.FlushAsync();
            await signals.Continue.Task;
            await body.WriteAsync(new byte[1]);
        }

        [Function("Wait")]
        public async Task Wait([HttpTrigger("get", Route = "wait")] HttpRequest request, FunctionContext context)
        {
            signals.Reached.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
            }
            finally
            {
                signals.Cancelled.SetResult();
            }
        }

        [Function("Finish")]
        public async Task<IActionResult> Finish([HttpTrigger("get", Route = "finish")] HttpRequest request)
        {
            signals.Reached.SetResult();
            await signals.Continue.Task;
            return new ContentResult { Content = "finished" };
        }
    }

    /// <summary>Sends its second byte only when the function has read the first.</summary>
    private sealed class PausingContent(Signals signals) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[1]);
            await stream.FlushAsync();
            await signals.Continue.Task.WaitAsync(Patience);
            await stream.WriteAsync(new byte[1]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
