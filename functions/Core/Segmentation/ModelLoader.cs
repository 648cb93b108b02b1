using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using TumorFunctions.Core.Segmentation.Onnx;

namespace TumorFunctions.Core.Segmentation;

/// <summary>From an ONNX file and its card to a warm model.</summary>
internal static class ModelLoader
{
    private const int MaxCardBytes = 1 << 20;

    public static readonly JsonSerializerOptions CardFormat = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    /// <param name="path">The ONNX file; the card lies beside it with the extension .json.</param>
    /// <param name="tryOut">
    /// Called with the file's SHA-256 (hexadecimal, lower case), and whether the card names it, before the runtime sees the file;
    /// tells the most slices of a run, and refuses by a <see cref="ModelException"/>. Null where the file needs no trial.
    /// </param>
    /// <exception cref="ModelException">The file or the card was refused; the message says why.</exception>
    public static OnnxModel Load(string name, string path, ModelRegistryOptions settings, Func<string, bool, int>? tryOut = null)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var bytes = ReadFile(path, settings.MaxFileBytes);
            var sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
            var file = OnnxFile.Inspect(bytes);
            List<string> warnings = [];
            var card = ReadCard(Path.ChangeExtension(path, ".json"), sha256, warnings, out var isNamed);
            var maxBatch = Math.Min(settings.MaxBatch, tryOut?.Invoke(sha256, isNamed) ?? settings.MaxBatch);
            var (session, device) = SessionFactory.Open(bytes, settings, warnings);
            try
            {
                return Prepare(name, path, session, device, file, card, warnings, sha256, settings with { MaxBatch = maxBatch }, clock);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is FormatException or OnnxRuntimeException or JsonException or IOException or UnauthorizedAccessException
            or InvalidDataException or ArgumentException or OverflowException or OutOfMemoryException)
        {
            throw ModelException.Invalid(name, Reason(e), e);
        }
    }

    // The runtime's own exception for exhausted memory says no more than that.
    private static string Reason(Exception e) =>
        e is OutOfMemoryException || e.Message.Contains("bad_alloc", StringComparison.Ordinal) || e.Message.Contains("Failed to allocate", StringComparison.Ordinal)
            ? $"it needs more memory than there is ({e.Message})"
            : e.Message;

    private static OnnxModel Prepare(
        string name, string path, InferenceSession session, string device, OnnxFile file, ModelCard? card, List<string> warnings,
        string sha256, ModelRegistryOptions settings, Stopwatch clock)
    {
        var metadata = ModelMetadata.From(name, session.ModelMetadata.CustomMetadataMap, warnings);
        var full = Complete(card ?? metadata.Card, metadata, file, sha256, name);
        var input = ModelInput.Of(session, full, metadata);
        var named = full.Classes.Count > 0 ? full.Classes.Count : (int?)null;
        (var decoder, input) = TrialRun(session, input, named, metadata.Suppressed, warnings);
        if (full.Classes.Count == 0)
            full = full with { Classes = [.. Enumerable.Range(0, decoder.ClassCount).Select(i => $"class_{i}")] };
        full = full with { InputSize = [input.Height, input.Width] };

        var info = new ModelInfo(
            name, full, device, Path.GetFileName(path), File.GetLastWriteTimeUtc(path), TimeSpan.Zero, TimeSpan.Zero, warnings);
        var model = new OnnxModel(session, input, decoder, info, full.Classes, settings);

        // The trial paid for what is allocated once; this run gives the first latency.
        model.SegmentBatch([Phantom(input.Width, input.Height)], 0, SegmentationOptions.Default, new SegmentationResult[1], default);
        model.CompleteLoad(clock.Elapsed);
        return model;
    }

    // A blank image and one of blocks and ramps: both must come out as the contract has it.
    private static (IOutputDecoder Decoder, ModelInput Input) TrialRun(
        InferenceSession session, ModelInput input, int? named, bool suppressed, List<string> warnings)
    {
        using var tensor = new InputTensor(input, input.FixedBatch ?? 1);
        using var blank = Run(session, input, tensor);
        var decoder = OutputDecoders.Choose(blank, input, named, suppressed);
        decoder.CheckShapes(blank, tensor.Batch);
        CheckFinite(blank, "blank");
        decoder.CheckValues(blank);

        var slice = Phantom(input.Width, input.Height);
        tensor.Write(0, slice, Letterbox.Fit(slice.Width, slice.Height, input.Width, input.Height));
        using var phantom = Run(session, input, tensor);
        decoder.CheckShapes(phantom, tensor.Batch);
        CheckFinite(phantom, "phantom");
        decoder.CheckValues(phantom);
        if (input.FixedBatch is null && !TakesBatches(session, input, decoder))
        {
            warnings.Add("the batch axis is declared free, but the network runs with a batch of 1 only");
            return (decoder, input with { FixedBatch = 1 });
        }

        return (decoder, input);
    }

    private static void CheckFinite(ModelOutputs outputs, string image)
    {
        for (var i = 0; i < outputs.Count; i++)
        {
            foreach (var value in outputs.All(i))
            {
                if (!float.IsFinite(value))
                    throw new FormatException($"output {i} holds {value} for a {image} image; every number must be finite");
            }
        }
    }

    private static bool TakesBatches(InferenceSession session, ModelInput input, IOutputDecoder decoder)
    {
        try
        {
            using var pair = new InputTensor(input, 2);
            using var outputs = Run(session, input, pair);
            decoder.CheckShapes(outputs, 2);
            return true;
        }
        catch (Exception e) when (e is OnnxRuntimeException or FormatException)
        {
            return false;
        }
    }

    private static ModelOutputs Run(InferenceSession session, ModelInput input, InputTensor tensor)
    {
        using var run = new RunOptions();
        return new ModelOutputs(session.Run(run, [input.Name], [tensor.Value], session.OutputNames));
    }

    /// <summary>Blocks and ramps.</summary>
    public static GreySlice Phantom(int width, int height)
    {
        var pixels = new byte[width * height];
        for (var i = 0; i < pixels.Length; i++)
        {
            int x = i % width, y = i / width;
            pixels[i] = (byte)(((x ^ y) & 32) == 0 ? 255 * x / width : 255 * y / height);
        }

        return new GreySlice(pixels, width, height);
    }

    private static ModelCard Complete(ModelCard card, ModelMetadata metadata, OnnxFile file, string sha256, string name) => card with
    {
        Name = card.Name ?? name,
        Classes = card.Classes.Count > 0 ? card.Classes : metadata.Names ?? [],
        Task = card.Task ?? metadata.Card.Task,
        Licence = card.Licence ?? metadata.Card.Licence,
        CreatedAt = card.CreatedAt ?? metadata.Card.CreatedAt,
        Parameters = card.Parameters ?? file.Parameters,
        Sha256 = sha256,
    };

    private static byte[] ReadFile(string path, long limit)
    {
        using var stream = File.OpenRead(path);
        if (stream.Length == 0 || stream.Length > limit)
            throw new FormatException($"{stream.Length} bytes; a model file has from 1 to {limit}");
        var bytes = GC.AllocateUninitializedArray<byte>((int)stream.Length);
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ModelCard? ReadCard(string path, string sha256, List<string> warnings, out bool isNamed)
    {
        isNamed = false;
        if (!File.Exists(path))
            return null;
        ModelCard? card;
        try
        {
            card = JsonSerializer.Deserialize<ModelCard>(ReadFile(path, MaxCardBytes), CardFormat);
        }
        catch (JsonException e)
        {
            throw new FormatException($"the card {Path.GetFileName(path)} cannot be read: {e.Message}", e);
        }

        CheckShare(card?.DefaultConfidence, "default_confidence");
        CheckShare(card?.NmsIou, "nms_iou");
        if (card?.Sha256 is not { } stated)
            return card;
        isNamed = string.Equals(stated, sha256, StringComparison.OrdinalIgnoreCase);
        if (isNamed)
            return card;

        // Figures of another file must not be shown as this one's.
        warnings.Add($"the card was written for the file with sha256 {stated}; its figures are left out");
        return card with { Metrics = null, Parameters = null };
    }

    private static void CheckShare(double? value, string field)
    {
        if (value is < 0 or > 1 or double.NaN)
            throw new FormatException($"the card's {field} is {value}; it must lie between 0 and 1");
    }
}
