using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.LocalWorker.Context;
using TumorFunctions.LocalWorker.Definition;

namespace TumorFunctions.LocalWorker.Execution;

/// <summary>The end of the pipeline: builds the function's class, fills its parameters, calls it and keeps what it returns.</summary>
internal sealed class FunctionExecutor
{
    private readonly ConcurrentDictionary<Type, ObjectFactory> _factories = new();

    public async Task ExecuteAsync(FunctionContext context)
    {
        var method = ((LocalFunctionDefinition)context.FunctionDefinition).Method;
        var instance = method.IsStatic
            ? null
            : _factories.GetOrAdd(method.DeclaringType!, static type => ActivatorUtilities.CreateFactory(type, []))(
                context.InstanceServices, null);
        var returned = method.Invoke(
            instance, BindingFlags.DoNotWrapExceptions, binder: null, ParameterBinder.Bind(context), culture: null);
        context.Features.Get<InvocationOutcome>()!.Value = await ValueOfAsync(returned, method.ReturnType);
    }

    /// <exception cref="InvalidOperationException">The real worker would not wait for what the method returns.</exception>
    public static void ThrowIfNotAwaited(LocalFunctionDefinition function)
    {
        var type = function.Method.ReturnType;
        if (type == typeof(ValueTask) || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>)))
        {
            throw new InvalidOperationException(
                $"Function {function} returns {type.Name}, which the Functions worker does not await; return a Task instead.");
        }
    }

    private static async Task<object?> ValueOfAsync(object? returned, Type declared)
    {
        if (returned is not Task task)
        {
            return returned;
        }
        await task;
        // By the declared type: an async method without a result also returns a Task<T>, of a hidden type.
        return declared.IsGenericType ? declared.GetProperty(nameof(Task<>.Result))!.GetValue(task) : null;
    }
}
