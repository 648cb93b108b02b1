namespace Microsoft.DurableTask;

/// <summary>What is recorded of an exception.</summary>
/// <param name="ErrorType">The exception's type name.</param>
public record TaskFailureDetails(
    string ErrorType,
    string ErrorMessage,
    string? StackTrace,
    TaskFailureDetails? InnerFailure,
    IDictionary<string, object?>? Properties)
{
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";

    public bool IsCausedBy<T>()
        where T : Exception => IsCausedBy(typeof(T));

    /// <summary>Whether the recorded type is <paramref name="targetBaseExceptionType"/> or derives from it; false where it cannot
    /// be loaded.</summary>
    public bool IsCausedBy(Type targetBaseExceptionType)
    {
        ArgumentNullException.ThrowIfNull(targetBaseExceptionType);
        if (!typeof(Exception).IsAssignableFrom(targetBaseExceptionType))
        {
            throw new ArgumentException(
                $"The type {targetBaseExceptionType} is not an exception type.", nameof(targetBaseExceptionType));
        }
        var recorded = Type.GetType(ErrorType, throwOnError: false)
            ?? targetBaseExceptionType.Assembly.GetType(ErrorType, throwOnError: false)
            ?? AppDomain.CurrentDomain.GetAssemblies()
                .Select(assembly => assembly.GetType(ErrorType, throwOnError: false))
                .FirstOrDefault(type => type != null);
        return recorded != null && targetBaseExceptionType.IsAssignableFrom(recorded);
    }

    public static TaskFailureDetails FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        if (exception is TaskFailedException failed)
        {
            return new TaskFailureDetails(
                failed.GetType().ToString(), failed.Message, failed.StackTrace, failed.FailureDetails, null);
        }
        return new TaskFailureDetails(exception.GetType().ToString(), exception.Message, exception.StackTrace,
            exception.InnerException is null ? null : FromException(exception.InnerException), null);
    }
}
