namespace Microsoft.Azure.Functions.Worker;

/// <summary>A parameter of a function's method.</summary>
public class FunctionParameter(string name, Type type, bool hasDefaultValue, object? defaultValue)
{
    public string Name { get; } = name;

    public Type Type { get; } = type;

    public bool HasDefaultValue { get; } = hasDefaultValue;

    /// <summary>Whether null fits the parameter.</summary>
    public bool IsReferenceOrNullableType { get; } = !type.IsValueType || Nullable.GetUnderlyingType(type) != null;

    public object? DefaultValue { get; } = defaultValue;
}
