using System.Globalization;

namespace TumorFunctions.Api.Admin;

/// <summary>
/// Load of the machine that this instance runs on. CPU is the share of busy time since the last reading (on Linux from /proc/stat,
/// elsewhere of this process alone); memory is what the runtime sees, container limits included.
/// </summary>
public sealed class MachineReadings(TimeProvider time)
{
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private readonly Lock _gate = new();
    private CpuTimes _last = CpuTimes.Read(time);
    private double _cpuPercent;

    public double UptimeHours => (time.GetUtcNow() - _startedAt).TotalHours;

    /// <summary>0 to 100.</summary>
    public double CpuPercent()
    {
        lock (_gate)
        {
            var now = CpuTimes.Read(time);
            var total = now.Total - _last.Total;

            // The kernel counts in ticks of 10 ms; over less than a few of them the share says nothing.
            if (total > CpuTimes.Resolution)
            {
                _cpuPercent = Math.Clamp(100.0 * (now.Busy - _last.Busy) / total, 0, 100);
                _last = now;
            }

            return _cpuPercent;
        }
    }

    /// <summary>Share of memory in use, 0 to 100, and free memory in GiB.</summary>
    public static (double UsedPercent, double AvailableGb) Memory()
    {
        var (total, available) = SystemMemory();
        return (100.0 * (total - available) / total, available / (double)(1L << 30));
    }

    private static (long Total, long Available) SystemMemory()
    {
        var runtime = GC.GetGCMemoryInfo();
        var total = runtime.TotalAvailableMemoryBytes;
        var available = total - runtime.MemoryLoadBytes;
        if (!OperatingSystem.IsLinux())
        {
            return (total, Math.Max(available, 0));
        }

        // The runtime's load figure is as old as the last collection; the kernel's is current. A container's limit is the lower bound.
        foreach (var line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            {
                var kilobytes = long.Parse(line.AsSpan(13).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture);
                return (total, Math.Min(kilobytes * 1024, total));
            }
        }

        return (total, Math.Max(available, 0));
    }

    private readonly record struct CpuTimes(double Busy, double Total)
    {
        /// <summary>Seconds of processor time, over all cores.</summary>
        public const double Resolution = 0.1;

        public static CpuTimes Read(TimeProvider time)
        {
            const double ticksPerSecond = 100;
            if (OperatingSystem.IsLinux())
            {
                // cpu user nice system idle iowait irq softirq steal …
                var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
                var ticks = fields.Skip(1).Take(8).Select(field => double.Parse(field, CultureInfo.InvariantCulture)).ToArray();
                var total = ticks.Sum() / ticksPerSecond;
                return new CpuTimes(total - ((ticks[3] + ticks[4]) / ticksPerSecond), total);
            }

            var wall = time.GetTimestamp() / (double)time.TimestampFrequency;
            return new CpuTimes(Environment.CpuUsage.TotalTime.TotalSeconds, wall * Environment.ProcessorCount);
        }
    }
}
