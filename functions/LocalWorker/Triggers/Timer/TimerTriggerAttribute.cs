using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Starts a function by the clock.</summary>
/// <param name="schedule">A NCRONTAB expression (second, minute, hour, day, month, day of week; without the second where there are
/// five fields) in local time, or <c>%NAME%</c> of a setting that holds one.</param>
public sealed class TimerTriggerAttribute(string schedule) : TriggerBindingAttribute
{
    public string Schedule { get; private set; } = schedule;

    /// <summary>Whether an occurrence that was missed while the app was down is made up for, once. Of no effect for schedules that
    /// come more than once a minute.</summary>
    public bool UseMonitor { get; set; } = true;

    public bool RunOnStartup { get; set; }
}
