using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using TumorFunctions.LocalWorker.Definition;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>The app's orchestrators and activities by name.</summary>
internal sealed class DurableFunctions
{
    private readonly Dictionary<string, LocalFunctionDefinition> _orchestrators = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, LocalFunctionDefinition> _activities = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="InvalidOperationException">Two share a name, or an orchestrator does not take its context.</exception>
    public DurableFunctions(IReadOnlyList<LocalFunctionDefinition> functions)
    {
        foreach (var function in functions)
        {
            if (function.Trigger is OrchestrationTriggerAttribute orchestration)
            {
                if (function.Parameters.Single(p => p.Name == function.TriggerParameter).Type != typeof(TaskOrchestrationContext))
                {
                    throw new InvalidOperationException(
                        $"The orchestration trigger of function {function} must be of type {nameof(TaskOrchestrationContext)}.");
                }
                Add(_orchestrators, orchestration.Orchestration ?? function.Name, function);
            }
            else if (function.Trigger is ActivityTriggerAttribute activity)
            {
                Add(_activities, activity.Activity ?? function.Name, function);
            }
        }
    }

    public bool Any => _orchestrators.Count + _activities.Count > 0;

    public LocalFunctionDefinition? FindOrchestrator(string name) => _orchestrators.GetValueOrDefault(name);

    /// <exception cref="ArgumentException">There is none.</exception>
    public LocalFunctionDefinition GetActivity(string name) => _activities.GetValueOrDefault(name)
        ?? throw new ArgumentException($"There is no activity '{name}'. The activities are: {List(_activities)}.", nameof(name));

    /// <exception cref="ArgumentException">There is none.</exception>
    public void RequireOrchestrator(string name)
    {
        if (FindOrchestrator(name) is null)
        {
            throw new ArgumentException(
                $"There is no orchestrator '{name}'. The orchestrators are: {List(_orchestrators)}.", nameof(name));
        }
    }

    private static string List(Dictionary<string, LocalFunctionDefinition> functions) =>
        functions.Count == 0 ? "none" : string.Join(", ", functions.Keys.Order(StringComparer.OrdinalIgnoreCase));

    private static void Add(Dictionary<string, LocalFunctionDefinition> functions, string name, LocalFunctionDefinition function)
    {
        if (!functions.TryAdd(name, function))
        {
            throw new InvalidOperationException($"Functions {functions[name]} and {function} go by the same name '{name}'.");
        }
    }
}
