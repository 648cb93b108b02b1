namespace TumorFunctions.Core.Segmentation.Trial;

/// <summary>Tries a model file out where it can do no harm.</summary>
public interface IModelExaminer
{
    /// <param name="path">The ONNX file; its card lies beside it with the extension .json.</param>
    /// <exception cref="ModelException">The file was refused, or no trial could be made; the message says why.</exception>
    Task<ModelReport> ExamineAsync(string name, string path, CancellationToken cancellationToken = default);
}
