using System.Diagnostics.CodeAnalysis;

namespace TumorFunctions.Core.Segmentation;

/// <summary>From a weight path as clients send it to the name of a model.</summary>
public static class ModelName
{
    private const int MaxLength = 100;

    private static readonly string[] WeightExtensions =
        [".pt", ".pth", ".onnx", ".engine", ".torchscript", ".safetensors", ".weights", ".h5", ".pb", ".tflite"];

    /// <summary>
    /// The last segment of a path of either kind of slash, without a weight file's extension: weights/Yolov11_best.pt,
    /// C:\x\Yolov11_best.onnx and Yolov11_best are all Yolov11_best. False where no usable name is left: letters, digits,
    /// dot, dash, underscore, plus, parentheses and inner blanks, not beginning with a dot, at most 100 characters.
    /// </summary>
    public static bool TryParse(string? weightPath, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (weightPath is null)
            return false;
        var segment = weightPath[(weightPath.LastIndexOfAny(['/', '\\', ':']) + 1)..].Trim();
        foreach (var extension in WeightExtensions)
        {
            if (segment.EndsWith(extension, StringComparison.OrdinalIgnoreCase))
            {
                segment = segment[..^extension.Length];
                break;
            }
        }

        if (segment.Length is 0 or > MaxLength || segment[0] == '.' || !segment.All(IsNameCharacter))
            return false;
        name = segment;
        return true;
    }

    private static bool IsNameCharacter(char c) => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '(' or ')' or ' ';
}
