using System.Diagnostics;
using System.Globalization;
using TumorFunctions.Storage.Tests.Writer;

namespace TumorFunctions.Storage.Tests.Embedded;

/// <summary>The writer program as a child process.</summary>
internal static class WriterProcess
{
    /// <summary>Kills the writer (SIGKILL on Unix) some time after it has acknowledged a number of steps.</summary>
    /// <returns>For each script, by its number, the steps that were acknowledged.</returns>
    public static async Task<IReadOnlyList<int>> RunAndKillAsync(string folder, string prefix, int acknowledgements, TimeSpan delay)
    {
        var program = typeof(ScriptSet).Assembly.Location;
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        using var process = Process.Start(new ProcessStartInfo(dotnet, ["exec", program, folder, prefix])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var steps = new int[ScriptSet.Count];
        try
        {
            for (var i = 0; i < acknowledgements; i++)
                Assert.True(Record(await process.StandardOutput.ReadLineAsync(), steps), "The writer ended by itself.");
            await Task.Delay(delay);
            Assert.False(process.HasExited, "The writer ended by itself.");
        }
        finally
        {
            process.Kill();
        }

        while (Record(await process.StandardOutput.ReadLineAsync(), steps))
        {
        }

        await process.WaitForExitAsync();
        Assert.Empty(await errors);
        return steps;
    }

    /// <summary>False at the end of the output, and for a line that the kill cut short.</summary>
    private static bool Record(string? line, int[] steps)
    {
        if (line is null || !line.EndsWith(';'))
            return false;

        var parts = line.TrimEnd(';').Split(' ');
        var script = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var step = int.Parse(parts[1], CultureInfo.InvariantCulture);
        Assert.Equal(steps[script] + 1, step);
        steps[script] = step;
        return true;
    }
}
