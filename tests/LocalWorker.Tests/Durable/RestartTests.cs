using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using TumorFunctions.LocalWorker.Tests.App;

namespace TumorFunctions.LocalWorker.Tests.Durable;

public sealed class RestartTests
{
    private const int Jobs = 30;
    private const int Kills = 12;

    [Fact]
    public async Task A_timer_fires_in_the_process_that_comes_after()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var due = DateTime.UtcNow.AddSeconds(1);
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Sleeper), due);
        await app.ReachAsync(id, "asleep");
        await app.RestartAsync();
        Assert.InRange((await app.EndAsync(id)).ReadOutputAs<DateTime>(), due, DateTime.MaxValue);
    }

    [Fact]
    public async Task An_activity_that_a_stop_cuts_off_runs_again()
    {
        Functions.Runs = 0;
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Patient));
        while (Functions.Runs == 0)
        {
            await Task.Delay(5);
        }
        await app.RestartAsync();
        Assert.Equal("run 2", (await app.EndAsync(id)).ReadOutputAs<string>());
    }

    /// <summary>Whatever an activity left last is what the orchestrator got: a result that was recorded is never made again.</summary>
    [Fact]
    public async Task After_any_number_of_kills_every_job_completes_on_its_recorded_results()
    {
        using TestFolder folder = new("trace", "");
        var trace = Path.Combine(folder.Path, "trace");
        Random random = new(6);
        var process = await LaunchAsync(folder.Path, trace);
        try
        {
            for (var job = 0; job < Jobs; job++)
            {
                using var started = await process.Client.PostAsync($"/api/jobs/job-{job}", null);
                Assert.Equal(HttpStatusCode.Accepted, started.StatusCode);
            }
            for (var kill = 0; kill < Kills; kill++)
            {
                var lines = Lines(trace).Length + random.Next(1, 2 * Jobs * JobFunctions.Steps / (3 * Kills));
                while (Lines(trace).Length < lines && Lines(trace).Length < Jobs * JobFunctions.Steps)
                {
                    await Task.Delay(1);
                }
                await process.DisposeAsync();
                process = await LaunchAsync(folder.Path, trace);
            }
            var outputs = new List<string>();
            for (var job = 0; job < Jobs; job++)
            {
                outputs.AddRange(await EndAsync(process.Client, $"job-{job}"));
            }
            var last = Lines(trace).GroupBy(line => line[..line.LastIndexOf(' ')]).Select(group => group.Last());
            Assert.Equal(Jobs * JobFunctions.Steps, outputs.Count);
            Assert.Equal(last.Order(), outputs.Order());
        }
        finally
        {
            await process.DisposeAsync();
        }
    }

    private static string[] Lines(string path)
    {
        using StreamReader reader = new(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static async Task<string[]> EndAsync(HttpClient client, string id)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (true)
        {
            var job = await client.GetFromJsonAsync<JsonElement>($"/api/jobs/{id}", patience.Token);
            if (job.GetProperty("status").GetString() is not ("Running" or "Pending"))
            {
                Assert.Equal("Completed", job.GetProperty("status").GetString());
                return JsonSerializer.Deserialize<string[]>(job.GetProperty("output").GetString()!)!;
            }
            await Task.Delay(10, patience.Token);
        }
    }

    private static async Task<AppProcess> LaunchAsync(string folder, string trace)
    {
        while (true)
        {
            if (await AppProcess.TryLaunchAsync(folder, trace) is { } process)
            {
                return process;
            }
        }
    }

    public sealed class Functions
    {
        private static int _runs;

        public static int Runs
        {
            get => Volatile.Read(ref _runs);
            set => Volatile.Write(ref _runs, value);
        }

        [Function(nameof(Sleeper))]
        public static async Task<DateTime> Sleeper([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            context.SetCustomStatus("asleep");
            await context.CreateTimer(context.GetInput<DateTime>(), CancellationToken.None);
            return context.CurrentUtcDateTime;
        }

        [Function(nameof(Patient))]
        public static Task<string> Patient([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(Lengthy));

        [Function(nameof(Lengthy))]
        public static async Task<string> Lengthy([ActivityTrigger] string? input, CancellationToken cancellationToken)
        {
            var run = Interlocked.Increment(ref _runs);
            if (run == 1)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            return $"run {run}";
        }
    }

    /// <summary>The app of the neighbouring project; disposing it is SIGKILL.</summary>
    private sealed class AppProcess : IAsyncDisposable
    {
        private readonly Process _process;

        private AppProcess(Process process, Uri address)
        {
            _process = process;
            Client = new HttpClient { BaseAddress = address };
        }

        public HttpClient Client { get; }

        /// <summary>Null where another socket of this machine took the port.</summary>
        public static async Task<AppProcess?> TryLaunchAsync(string folder, string trace)
        {
            using TcpListener listener = new(IPAddress.Loopback, 0);
            listener.Start();
            Uri address = new($"http://{listener.LocalEndpoint}");
            listener.Stop();
            AppProcess app = new(
                Process.Start(new ProcessStartInfo("dotnet")
                {
                    RedirectStandardOutput = true,
                    WorkingDirectory = folder,
                    ArgumentList =
                    {
                        typeof(JobFunctions).Assembly.Location, "--urls", address.ToString(),
                        "--LocalWorker:DataFolder", folder, "--TraceFile", trace,
                    },
                })!, address);
            var output = app._process.StandardOutput.ReadToEndAsync();
            while (!app._process.HasExited)
            {
                try
                {
                    using var answer = await app.Client.GetAsync(new Uri("/api/jobs/none", UriKind.Relative));
                    Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
                    return app;
                }
                catch (HttpRequestException)
                {
                    await Task.Delay(20);
                }
            }
            var text = await output;
            Assert.True(text.Contains("address already in use", StringComparison.Ordinal), text);
            await app.DisposeAsync();
            return null;
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            Client.Dispose();
        }
    }
}
