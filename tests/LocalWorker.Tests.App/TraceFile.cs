using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Tests.App;

/// <summary>The effects of the activities: a line each, in the order in which they came about.</summary>
public sealed class TraceFile(IConfiguration configuration) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file = new(configuration["TraceFile"]!, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, 0);

    public void Add(string line)
    {
        lock (_gate)
        {
            _file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    public void Dispose() => _file.Dispose();
}
