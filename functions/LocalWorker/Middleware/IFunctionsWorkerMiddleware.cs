namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>A step around every invocation. Built once: what lives per invocation comes from
/// <see cref="FunctionContext.InstanceServices"/>.</summary>
public interface IFunctionsWorkerMiddleware
{
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}
