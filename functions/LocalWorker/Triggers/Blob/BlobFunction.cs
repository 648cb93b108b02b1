using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Execution;
using TumorFunctions.LocalWorker.Settings;

namespace TumorFunctions.LocalWorker.Triggers.Blob;

/// <summary>A function with a blob trigger, checked.</summary>
internal sealed class BlobFunction
{
    private readonly Type _contentType;

    /// <exception cref="InvalidOperationException">The path is none, or a parameter would have no value.</exception>
    public BlobFunction(LocalFunctionDefinition definition, IConfiguration configuration)
    {
        Definition = definition;
        try
        {
            Path = new BlobPath(BindingExpression.Resolve(((BlobTriggerAttribute)definition.Trigger).BlobPath, configuration));
        }
        catch (FormatException exception)
        {
            throw new InvalidOperationException($"Function {definition} cannot be triggered: {exception.Message}", exception);
        }
        _contentType = definition.Parameters.Single(p => p.Name == definition.TriggerParameter).Type;
        if (_contentType != typeof(Stream) && _contentType != typeof(byte[]) && _contentType != typeof(string))
        {
            throw new InvalidOperationException(
                $"The blob trigger of function {definition} is of type {_contentType.Name}; Stream, byte[] and string bind to a blob.");
        }
        foreach (var parameter in definition.Parameters.Where(p => p.Name != definition.TriggerParameter && !ParameterBinder.BindsByType(p)))
        {
            if (!Path.Names.Contains(parameter.Name, StringComparer.OrdinalIgnoreCase) || !ParameterBinder.BindsFromText(parameter))
            {
                throw new InvalidOperationException(
                    $"Parameter '{parameter.Name}' of function {definition} is not in its path '{Path.Container}/{Path.Prefix}…', or not of " +
                    "a type that binds from text (string, int, long, Guid, bool).");
            }
        }
    }

    public LocalFunctionDefinition Definition { get; }

    public BlobPath Path { get; }

    public string Name => Definition.Name;

    public async Task InvokeAsync(FunctionDispatcher dispatcher, BlobTriggerContent content, string blob,
        Dictionary<string, object?> bindingData, CancellationToken stopping)
    {
        object value = content.Stream;
        if (_contentType != typeof(Stream))
        {
            using MemoryStream copy = new();
            await content.Stream.CopyToAsync(copy, stopping);
            value = _contentType == typeof(string) ? Encoding.UTF8.GetString(copy.GetBuffer(), 0, (int)copy.Length) : copy.ToArray();
        }
        bindingData["BlobTrigger"] = $"{Path.Container}/{blob}";
        await dispatcher.InvokeAsync(Definition, bindingData,
            features => features.Set<ITriggerBinding>(new TriggerValue(Definition.TriggerParameter, value)), stopping);
    }
}
