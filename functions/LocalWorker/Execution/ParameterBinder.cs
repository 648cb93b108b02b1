using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.LocalWorker.Durable.Engine;

namespace TumorFunctions.LocalWorker.Execution;

/// <summary>Fills a function's parameters: some by their type, the others by their name from the trigger's data.</summary>
internal static class ParameterBinder
{
    /// <summary>Whether the parameter is filled by its type, so that the trigger need not name it.</summary>
    public static bool BindsByType(FunctionParameter parameter) =>
        parameter.Type == typeof(HttpRequest)
        || parameter.Type == typeof(FunctionContext)
        || parameter.Type == typeof(CancellationToken)
        || parameter.Type == typeof(DurableTaskClient);

    /// <summary>Whether text from the trigger can become the parameter's type.</summary>
    public static bool BindsFromText(FunctionParameter parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type;
        return type == typeof(string) || type == typeof(int) || type == typeof(long) || type == typeof(Guid) || type == typeof(bool);
    }

    /// <exception cref="FunctionInputConverterException">A value is missing or does not fit its parameter.</exception>
    public static object?[] Bind(FunctionContext context) =>
        [.. context.FunctionDefinition.Parameters.Select(parameter => Bind(context, parameter))];

    private static object? Bind(FunctionContext context, FunctionParameter parameter)
    {
        if (parameter.Type == typeof(HttpRequest))
        {
            return context.GetHttpContext()?.Request;
        }
        if (parameter.Type == typeof(FunctionContext))
        {
            return context;
        }
        if (parameter.Type == typeof(CancellationToken))
        {
            return context.CancellationToken;
        }
        if (parameter.Type == typeof(DurableTaskClient))
        {
            return context.InstanceServices.GetRequiredService<LocalDurableTaskClient>();
        }
        if (context.Features.Get<ITriggerBinding>() is { } trigger && trigger.Binds(parameter))
        {
            try
            {
                return trigger.Bind(parameter);
            }
            catch (JsonException exception)
            {
                throw Refusal(context,
                    $"Cannot convert input parameter '{parameter.Name}' to type '{parameter.Type.FullName}': {exception.Message}");
            }
        }
        var text = context.BindingContext.BindingData.GetValueOrDefault(parameter.Name) as string;
        if (text != null)
        {
            return Convert(text, Nullable.GetUnderlyingType(parameter.Type) ?? parameter.Type)
                ?? throw Refusal(context, $"Cannot convert input parameter '{parameter.Name}' to type '{parameter.Type.FullName}'.");
        }
        if (parameter.HasDefaultValue || parameter.IsReferenceOrNullableType)
        {
            return parameter.DefaultValue;
        }
        throw Refusal(context, $"Could not populate the value for '{parameter.Name}' parameter. " +
            "Consider adding a default value or making the parameter nullable.");
    }

    /// <summary>Null where the text is no such value.</summary>
    private static object? Convert(string text, Type type)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (type == typeof(string))
        {
            return text;
        }
        if (type == typeof(int))
        {
            return int.TryParse(text, NumberStyles.Integer, invariant, out var number) ? number : null;
        }
        if (type == typeof(long))
        {
            return long.TryParse(text, NumberStyles.Integer, invariant, out var number) ? number : null;
        }
        if (type == typeof(Guid))
        {
            return Guid.TryParse(text, out var guid) ? guid : null;
        }
        return bool.TryParse(text, out var flag) ? flag : null;
    }

    private static FunctionInputConverterException Refusal(FunctionContext context, string error) =>
        new($"Error converting 1 input parameters for Function '{context.FunctionDefinition.Name}': {error}");
}
