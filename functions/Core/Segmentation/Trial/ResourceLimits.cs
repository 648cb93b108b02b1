using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Segmentation.Trial;

/// <summary>Bounds that a process sets for itself and cannot lift again.</summary>
internal static partial class ResourceLimits
{
    // asm-generic/resource.h, the same on x64 and arm64.
    private const int Cpu = 0, Core = 4, AddressSpace = 9;

    /// <summary>
    /// Bounds memory, processor time and core files by setrlimit (POSIX). Address space is bounded beyond what the process holds
    /// now: the .NET runtime reserves far more than it uses. Native allocations over it fail instead of taking the machine's
    /// memory. Elsewhere than on Linux nothing is done, and the parent's watch alone bounds the process.
    /// </summary>
    /// <exception cref="InvalidOperationException">The system does not let the limits be set.</exception>
    public static void Apply(long memoryBytes, TimeSpan time)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Set(Core, 0);
        Set(Cpu, (ulong)Math.Ceiling(time.TotalSeconds) * (ulong)Environment.ProcessorCount);
        Set(AddressSpace, (ulong)(ReservedBytes() + memoryBytes));
        PreferForKill();
    }

    private static long ReservedBytes()
    {
        var pages = File.ReadAllText("/proc/self/statm").Split(' ')[0];
        return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
    }

    // Where a container is short of memory the kernel shall take this process and not the one that serves.
    private static void PreferForKill()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
            using var self = Process.GetCurrentProcess();
            self.PriorityClass = ProcessPriorityClass.BelowNormal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            // A courtesy only: the limits hold without it.
        }
    }

    private static void Set(int resource, ulong most)
    {
        var limit = new Limit(most, most);
        if (SetLimit(resource, in limit) != 0)
            throw new InvalidOperationException($"setrlimit({resource}) failed with errno {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Limit(ulong Soft, ulong Hard);
}
