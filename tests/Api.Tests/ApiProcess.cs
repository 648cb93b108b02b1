using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

/// <summary>The API as users run it: a process of its own with a data folder of its own, reached over HTTP.</summary>
public sealed class ApiProcess : IAsyncDisposable
{
    private readonly Dictionary<string, string> _settings;
    private readonly bool _ownsFolder;
    private readonly List<string> _output = [];
    private Process? _process;

    private ApiProcess(string dataFolder, bool ownsFolder, Dictionary<string, string> settings)
    {
        DataFolder = dataFolder;
        _ownsFolder = ownsFolder;
        _settings = settings;
        BaseAddress = FreeAddress();
    }

    public string DataFolder { get; }

    public Uri BaseAddress { get; private set; }

    public int ProcessId => _process!.Id;

    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    public static async Task<ApiProcess> StartAsync(Dictionary<string, string>? settings = null, string? dataFolder = null)
    {
        var folder = dataFolder ?? Directory.CreateTempSubdirectory("tumor-api-").FullName;
        var api = new ApiProcess(folder, dataFolder is null, settings ?? []);
        while (!await api.TryLaunchAsync())
        {
            api.BaseAddress = FreeAddress();
        }

        return api;
    }

    /// <summary>A client with the first administrator's token, or another user's.</summary>
    public async Task<HttpClient> LogInAsync(string username = "admin", string password = "admin123")
    {
        var client = Anonymous();
        using var answer = await client.PostAsJsonAsync("/api/auth/login", new { username, password });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", body.GetProperty("access_token").GetString());
        return client;
    }

    public HttpClient Anonymous() => new() { BaseAddress = BaseAddress, Timeout = TimeSpan.FromMinutes(5) };

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async Task RestartAsync() => Assert.True(await TryLaunchAsync(), Output);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        if (_ownsFolder)
        {
            Directory.Delete(DataFolder, recursive: true);
        }
    }

    /// <summary>False when another socket of this machine took the port since it was found to be free.</summary>
    private async Task<bool> TryLaunchAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = DataFolder,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "TumorFunctions.Api.dll"), "--urls", BaseAddress.ToString() },
        };
        start.Environment["Storage__DataFolder"] = DataFolder;
        foreach (var (name, value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        using var client = Anonymous();
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
            {
                // Only this wait ends after the last line of output has been kept.
                await _process.WaitForExitAsync();
                Assert.True(Output.Contains("address already in use", StringComparison.Ordinal), $"The API stopped at start:\n{Output}");
                _output.Clear();
                _process.Dispose();
                return false;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"The API does not answer:\n{Output}");
            try
            {
                using var answer = await client.GetAsync(new Uri("/health", UriKind.Relative));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            lock (_output)
            {
                _output.Add(line.Data);
            }
        }
    }

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }
}

/// <summary>One API for the tests of a class that do not disturb each other.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    public ApiProcess Api { get; private set; } = null!;

    public HttpClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Api = await ApiProcess.StartAsync();
        Admin = await Api.LogInAsync();
    }

    public async Task DisposeAsync()
    {
        Admin.Dispose();
        await Api.DisposeAsync();
    }
}
