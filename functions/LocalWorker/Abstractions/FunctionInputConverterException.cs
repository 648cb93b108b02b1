namespace Microsoft.Azure.Functions.Worker;

/// <summary>A parameter of a function could not be filled from its trigger.</summary>
public class FunctionInputConverterException : FunctionWorkerException
{
    public FunctionInputConverterException(string? message)
        : base(message)
    {
    }

    public FunctionInputConverterException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
