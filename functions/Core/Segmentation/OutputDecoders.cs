namespace TumorFunctions.Core.Segmentation;

/// <summary>Tells the families of exports apart by the outputs of a trial run.</summary>
internal static class OutputDecoders
{
    /// <param name="namedClasses">How many classes the card or the file names; null where neither does.</param>
    /// <exception cref="FormatException">No family fits; the message says why.</exception>
    public static IOutputDecoder Choose(ModelOutputs outputs, ModelInput input, int? namedClasses, bool suppressed)
    {
        switch (outputs.Count)
        {
            case 2:
                var (yolo, reason) = YoloDecoder.TryCreate(outputs, input.Width, input.Height, namedClasses, suppressed);
                return yolo ?? throw new FormatException(reason);
            case 1:
                var (semantic, why) = SemanticDecoder.TryCreate(outputs, input.Width, input.Height, namedClasses);
                return semantic ?? throw new FormatException(why);
            default:
                throw new FormatException(
                    $"{outputs.Count} outputs; served are networks with predictions and mask prototypes (Ultralytics -seg), or with one map of classes");
        }
    }
}
