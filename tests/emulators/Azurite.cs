using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace TumorFunctions.Tests.Emulators;

/// <summary>
/// Azure's own emulator of Blob Storage as a process on a free port with a folder of its own. The first use installs the version that
/// package-lock.json pins.
/// </summary>
public sealed class Azurite : IAsyncDisposable
{
    // Azurite's documented account, the same on every machine.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tumor-azurite-");
    private readonly List<string> _output = [];
    private Process? _process;

    private Azurite()
    {
    }

    public Uri Endpoint { get; private set; } = null!;

    public string ConnectionString => $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint={Endpoint};";

    public static async Task<Azurite> StartAsync()
    {
        var home = Home();
        await InstallAsync(home);
        var azurite = new Azurite();
        while (!await azurite.TryLaunchAsync(home))
        {
        }

        return azurite;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _folder.Delete(recursive: true);
    }

    /// <summary>False when another socket of this machine took the port since it was found to be free.</summary>
    private async Task<bool> TryLaunchAsync(string home)
    {
        var port = FreePort();
        Endpoint = new Uri($"http://127.0.0.1:{port}/{Account}");
        _process = Start(
            "node",
            home,
            [
                Path.Combine(home, "node_modules", "azurite", "dist", "src", "blob", "main.js"), "--blobPort", $"{port}",
                "--location", _folder.FullName, "--skipApiVersionCheck", "--disableTelemetry", "--silent",
            ]);
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (_process.HasExited)
            {
                await _process.WaitForExitAsync();
                Assert.True(Output().Contains("EADDRINUSE", StringComparison.Ordinal), $"Azurite stopped at start:\n{Output()}");
                await EndAsync();
                return false;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"Azurite does not answer:\n{Output()}");
            try
            {
                using var answer = await client.GetAsync(new Uri($"{Endpoint}?comp=list"));
                return true;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(50);
            }
        }
    }

    private async Task EndAsync()
    {
        if (_process is null)
            return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    // Several test processes may come here at once; a finished installation is the one whose own copy of the lock is there.
    private static async Task InstallAsync(string home)
    {
        var pinned = new FileInfo(Path.Combine(home, "package-lock.json"));
        await using var turn = await TurnAsync(Path.Combine(home, "node_modules.turn"));
        var installed = new FileInfo(Path.Combine(home, "node_modules", ".package-lock.json"));
        if (installed.Exists && installed.LastWriteTimeUtc >= pinned.LastWriteTimeUtc)
            return;

        using var npm = Start(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", home, ["ci", "--no-progress"]);
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"'npm ci' in tests/emulators ended with {npm.ExitCode}:\n{await output}\n{await errors}");
        installed.Refresh();
        File.SetLastWriteTimeUtc(installed.FullName, DateTime.UtcNow);
    }

    private static async Task<FileStream> TurnAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException)
            {
                await Task.Delay(200);
            }
        }
    }

    private static Process Start(string program, string folder, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException(
                $"These tests run against Azurite and need Node.js 20 or later with npm on the PATH; '{program}' does not start.", missing);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            lock (_output)
                _output.Add(line.Data);
        }
    }

    private string Output()
    {
        lock (_output)
            return string.Join('\n', _output);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Home([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
