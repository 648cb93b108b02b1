namespace TumorFunctions.Core.Segmentation;

/// <summary>Why a model could not be used.</summary>
public enum ModelFault
{
    /// <summary>The registry holds no model of that name.</summary>
    NotFound,

    /// <summary>The file or its card was refused; the message says why.</summary>
    Invalid,

    /// <summary>The network failed while it ran.</summary>
    Failed,

    /// <summary>The registry holds a model of that name already.</summary>
    Taken,

    /// <summary>The model came with the app and stays.</summary>
    ReadOnly,
}

/// <summary>A model could not be found, loaded or run; the message names the model and the reason.</summary>
public sealed class ModelException(ModelFault fault, string message, Exception? inner = null, string? reason = null) : Exception(message, inner)
{
    public ModelFault Fault { get; } = fault;

    /// <summary>The message without the name of the model.</summary>
    public string Reason { get; } = reason ?? message;

    internal static ModelException Invalid(string model, string reason, Exception? inner = null) =>
        new(ModelFault.Invalid, $"模型 {model} 无法加载: {reason}", inner, reason);
}
