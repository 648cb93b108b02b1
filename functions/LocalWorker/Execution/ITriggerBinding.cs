using Microsoft.Azure.Functions.Worker;

namespace TumorFunctions.LocalWorker.Execution;

/// <summary>What a trigger fills parameters with beyond the values that it names.</summary>
internal interface ITriggerBinding
{
    bool Binds(FunctionParameter parameter);

    /// <exception cref="System.Text.Json.JsonException">The trigger's text is no such value.</exception>
    object? Bind(FunctionParameter parameter);
}
