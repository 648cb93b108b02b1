namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>Tells weights of other frameworks by their first bytes, so that the refusal says what to do.</summary>
internal static class ForeignFormat
{
    /// <summary>What the file is and how to make ONNX of it; null where it is none of those known.</summary>
    public static string? Name(ReadOnlySpan<byte> file)
    {
        // torch.save: a zip since PyTorch 1.6, a pickle before. Unpickling runs code of the file's choice.
        if (file.StartsWith("PK\u0003\u0004"u8) || (file.Length > 1 && file[0] == 0x80 && file[1] is >= 2 and <= 5))
        {
            return "a PyTorch file (.pt, .pth), which would run code when opened; export it to ONNX first " +
                "(yolo export model=best.pt format=onnx, or torch.onnx.export)";
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
            return "an HDF5 file (Keras); export it to ONNX first (tf2onnx)";
        return file.Length >= 8 && file[4..8].SequenceEqual("TFL3"u8) ? "a TensorFlow Lite file; export it to ONNX first (tf2onnx)" : null;
    }
}
