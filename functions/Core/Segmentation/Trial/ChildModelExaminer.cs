using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace TumorFunctions.Core.Segmentation.Trial;

/// <summary>
/// Tries models out in a child process with bounded memory and time: this app's own executable, started with
/// <see cref="ModelTrial"/>'s command line. One at a time.
/// </summary>
/// <param name="assembly">The app whose Main calls <see cref="ModelTrial.RunIfAsked"/>; null for the one that runs.</param>
public sealed class ChildModelExaminer(TrialLimits limits, string? assembly = null) : IModelExaminer, IDisposable
{
    private const int MaxAnswerBytes = 4 << 20;
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(100);

    // The secrets among this process's variables are no business of a model's.
    private static readonly string[] PassedVariables =
        ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LD_LIBRARY_PATH", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64"];

    private readonly SemaphoreSlim _turn = new(1);

    public async Task<ModelReport> ExamineAsync(string name, string path, CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var verdict = await TryAsync(name, path, cancellationToken).ConfigureAwait(false);
            return verdict.Report ?? throw ModelException.Invalid(name, verdict.Refusal ?? "its trial gave no answer");
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<TrialVerdict> TryAsync(string name, string path, CancellationToken cancellationToken)
    {
        using var child = Start(name, path);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limits.Time);
        try
        {
            var answer = ReadAsync(child.StandardOutput.BaseStream, deadline.Token);
            var noise = child.StandardError.BaseStream.CopyToAsync(Stream.Null, deadline.Token);
            var grew = await WatchAsync(child, deadline.Token).ConfigureAwait(false);
            if (grew)
                return new TrialVerdict(null, TooMuchMemory());
            await noise.ConfigureAwait(false);
            return Read(await answer.ConfigureAwait(false), child.ExitCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TrialVerdict(null, $"its trial took longer than {limits.Time.TotalSeconds} s");
        }
        finally
        {
            End(child);
        }
    }

    private Process Start(string name, string path)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        var app = assembly ?? Assembly.GetEntryAssembly()?.Location;
        var isHost = Path.GetFileNameWithoutExtension(start.FileName).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        if (assembly is not null && !isHost)
            start.FileName = "dotnet";
        if ((isHost || assembly is not null) && !string.IsNullOrEmpty(app))
            start.ArgumentList.Add(app);
        foreach (var argument in new[]
        {
            ModelTrial.Verb, name, Path.GetFullPath(path), limits.AllowedBytes.ToString(CultureInfo.InvariantCulture),
            limits.Time.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        })
        {
            start.ArgumentList.Add(argument);
        }

        SetVariables(start.Environment);
        try
        {
            return Process.Start(start) ?? throw new InvalidOperationException("no process");
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            throw ModelException.Invalid(name, $"no process could be started to try it out in, and without a trial no model is taken: {e.Message}", e);
        }
    }

    private void SetVariables(IDictionary<string, string?> environment)
    {
        var passed = PassedVariables.Where(environment.ContainsKey).Select(key => (key, environment[key])).ToArray();
        environment.Clear();
        foreach (var (key, value) in passed)
            environment[key] = value;

        // Without these the runtime reserves, and each thread's heap takes, more than the limit allows for.
        environment["DOTNET_GCHeapHardLimit"] = limits.AllowedBytes.ToString("X", CultureInfo.InvariantCulture);
        environment["MALLOC_ARENA_MAX"] = "2";
        environment["DOTNET_EnableDiagnostics"] = "0";
    }

    /// <summary>Waits for the end; true where the child grew over its limit and was ended.</summary>
    private async Task<bool> WatchAsync(Process child, CancellationToken cancellationToken)
    {
        const long EmptyProcess = 256L << 20;
        var exited = child.WaitForExitAsync(cancellationToken);
        while (await Task.WhenAny(exited, Task.Delay(WatchInterval, cancellationToken)).ConfigureAwait(false) != exited)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ResidentBytes(child) > limits.AllowedBytes + EmptyProcess)
                return true;
        }

        await exited.ConfigureAwait(false);
        return false;
    }

    private static long ResidentBytes(Process child)
    {
        child.Refresh();
        try
        {
            return child.HasExited ? 0 : child.WorkingSet64;
        }
        catch (InvalidOperationException)
        {
            // It ended between the two questions.
            return 0;
        }
    }

    private TrialVerdict Read(byte[] answer, int exitCode)
    {
        const int Signal = 128, Killed = 9;
        if (exitCode == 0)
        {
            try
            {
                return JsonSerializer.Deserialize<TrialVerdict>(answer, ModelLoader.CardFormat) ?? new TrialVerdict(null, null);
            }
            catch (JsonException)
            {
                return new TrialVerdict(null, null);
            }
        }

        return new TrialVerdict(null, exitCode switch
        {
            Signal + Killed => $"its trial was killed: {TooMuchMemory()}",
            > Signal => $"its trial crashed (signal {exitCode - Signal}), out of memory or by a fault in native code",
            _ => $"its trial ended with exit code {exitCode}",
        });
    }

    private string TooMuchMemory() => $"it needs more than the {limits.AllowedBytes >> 20} MiB that a trial may take";

    private static async Task<byte[]> ReadAsync(Stream output, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (kept.Length + read > MaxAnswerBytes)
                break;
            kept.Write(buffer, 0, read);
        }

        return kept.ToArray();
    }

    private static void End(Process child)
    {
        try
        {
            child.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
