using System.Collections.Immutable;
using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.DurableTask.Client;

namespace TumorFunctions.LocalWorker.Definition;

/// <summary>A function that was found in the app, with the method to call and the attribute that starts it.</summary>
internal sealed class LocalFunctionDefinition : FunctionDefinition
{
    public LocalFunctionDefinition(string name, MethodInfo method)
    {
        Name = name;
        Method = method;
        EntryPoint = $"{method.DeclaringType!.FullName}.{method.Name}";
        var triggers = method.GetParameters()
            .Select(p => (p.Name, Attribute: p.GetCustomAttribute<TriggerBindingAttribute>()))
            .Where(p => p.Attribute != null)
            .ToArray();
        if (triggers.Length != 1)
        {
            throw new InvalidOperationException(
                $"Function '{name}' ({EntryPoint}) has {triggers.Length} trigger attributes on its parameters; it needs one.");
        }
        Trigger = triggers[0].Attribute!;
        TriggerParameter = triggers[0].Name!;
        var type = Trigger.GetType().Name;
        type = $"{char.ToLowerInvariant(type[0])}{type[1..^nameof(Attribute).Length]}";
        InputBindings = ImmutableDictionary<string, BindingMetadata>.Empty
            .Add(TriggerParameter, new Binding(TriggerParameter, type, BindingDirection.In));
        Parameters = [.. method.GetParameters().Select(
            p => new FunctionParameter(p.Name!, p.ParameterType, p.HasDefaultValue, p.HasDefaultValue ? p.DefaultValue : null))];
        if (Array.Find(method.GetParameters(), p => p.ParameterType == typeof(DurableTaskClient)
            && p.GetCustomAttribute<DurableClientAttribute>() is null) is { } unmarked)
        {
            throw new InvalidOperationException(
                $"Parameter '{unmarked.Name}' of function {this} needs the attribute [{nameof(DurableClientAttribute)[..^nameof(Attribute).Length]}].");
        }
    }

    public MethodInfo Method { get; }

    public TriggerBindingAttribute Trigger { get; }

    /// <summary>The parameter that carries the trigger's attribute.</summary>
    public string TriggerParameter { get; }

    public override string Name { get; }

    public override string Id => Name;

    public override string EntryPoint { get; }

    public override string PathToAssembly => Method.DeclaringType!.Assembly.Location;

    public override ImmutableArray<FunctionParameter> Parameters { get; }

    public override IImmutableDictionary<string, BindingMetadata> InputBindings { get; }

    public override IImmutableDictionary<string, BindingMetadata> OutputBindings { get; } =
        ImmutableDictionary<string, BindingMetadata>.Empty;

    public override string ToString() => $"'{Name}' ({EntryPoint})";

    private sealed class Binding(string name, string type, BindingDirection direction) : BindingMetadata
    {
        public override string Name => name;

        public override string Type => type;

        public override BindingDirection Direction => direction;
    }
}
