namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>One step of the invocation pipeline, or all that is left of it.</summary>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
