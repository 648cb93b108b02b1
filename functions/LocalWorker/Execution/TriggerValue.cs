using Microsoft.Azure.Functions.Worker;

namespace TumorFunctions.LocalWorker.Execution;

/// <summary>Fills the parameter that carries the trigger's attribute with a value at hand.</summary>
internal sealed class TriggerValue(string parameterName, object? value) : ITriggerBinding
{
    public bool Binds(FunctionParameter parameter) => parameter.Name == parameterName;

    public object? Bind(FunctionParameter parameter) => value;
}
