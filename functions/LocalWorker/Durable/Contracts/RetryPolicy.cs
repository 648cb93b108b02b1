namespace Microsoft.DurableTask;

/// <summary>When a failed activity or sub-orchestration is called again.</summary>
public class RetryPolicy
{
    /// <param name="maxNumberOfAttempts">First call included; at least 1.</param>
    /// <param name="firstRetryInterval">Wait before the second attempt; more than zero.</param>
    /// <param name="backoffCoefficient">Each further wait is this many times longer; at least 1.</param>
    /// <param name="maxRetryInterval">Longest wait, by default an hour.</param>
    /// <param name="retryTimeout">No attempt starts this long after the first, by default never so.
    /// <see cref="Timeout.InfiniteTimeSpan"/> stands for no bound in both.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside these bounds, or one of the last two is shorter than the
    /// first interval.</exception>
    public RetryPolicy(int maxNumberOfAttempts, TimeSpan firstRetryInterval, double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null, TimeSpan? retryTimeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNumberOfAttempts);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstRetryInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(backoffCoefficient, 1.0);
        ThrowIfShorter(maxRetryInterval, nameof(maxRetryInterval));
        ThrowIfShorter(retryTimeout, nameof(retryTimeout));
        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval ?? TimeSpan.FromHours(1);
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;

        void ThrowIfShorter(TimeSpan? value, string name)
        {
            if (value < firstRetryInterval && value != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(name, value,
                    $"The value for {name} must be greater or equal to the value for {nameof(firstRetryInterval)}.");
            }
        }
    }

    public int MaxNumberOfAttempts { get; }

    public TimeSpan FirstRetryInterval { get; }

    public double BackoffCoefficient { get; }

    public TimeSpan MaxRetryInterval { get; }

    public TimeSpan RetryTimeout { get; }

    /// <summary>Says of a failure whether it is worth another attempt; without it, every failure is.</summary>
    public Func<TaskFailureDetails, bool> HandleFailure
    {
        init => Handles = value;
    }

    internal Func<TaskFailureDetails, bool> Handles { get; private init; } = static _ => true;

    /// <summary>Wait after failed attempt number <paramref name="attempt"/>, which counts from 1.</summary>
    internal TimeSpan DelayAfter(int attempt)
    {
        var ticks = FirstRetryInterval.Ticks * Math.Pow(BackoffCoefficient, attempt - 1);
        var longest = MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(365) : MaxRetryInterval;
        return ticks < longest.Ticks ? TimeSpan.FromTicks((long)ticks) : longest;
    }
}
