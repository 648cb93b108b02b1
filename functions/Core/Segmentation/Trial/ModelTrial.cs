using System.Globalization;
using System.Text.Json;

namespace TumorFunctions.Core.Segmentation.Trial;

/// <summary>
/// The side of a trial that runs in a process of its own: what goes wrong in a stranger's network, out of memory, a crash in native
/// code or a loop without end, ends this process and no other.
/// </summary>
public static class ModelTrial
{
    internal const string Verb = "try-model";

    /// <summary>Runs a trial where the command line asks for one: try-model name path memory-bytes seconds.</summary>
    /// <returns>The exit code; null where the command line asks for something else.</returns>
    public static int? RunIfAsked(string[] arguments)
    {
        if (arguments is not [Verb, var name, var path, var memory, var seconds])
            return null;
        try
        {
            ResourceLimits.Apply(long.Parse(memory, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or FormatException)
        {
            return Answer(new TrialVerdict(null, $"its trial could not be bounded: {e.Message}"));
        }

        EndWithParent();
        return Answer(Try(name, path));
    }

    private static TrialVerdict Try(string name, string path)
    {
        try
        {
            var model = ModelLoader.Load(name, path, new ModelRegistryOptions());
            return new TrialVerdict(ModelReport.Of(model, path, LargestBatch(model)), null);
        }
        catch (ModelException e)
        {
            return new TrialVerdict(null, e.Reason);
        }
    }

    // One slice passed; more together may not fit, and the process that serves must not be the one to find out.
    private static int LargestBatch(OnnxModel model)
    {
        var slice = ModelLoader.Phantom(model.Info.Card.InputSize![1], model.Info.Card.InputSize[0]);
        for (var batch = model.MaxBatch; batch > 1; batch /= 2)
        {
            try
            {
                model.SegmentBatch([.. Enumerable.Repeat(slice, batch)], 0, SegmentationOptions.Default, new SegmentationResult[batch], default);
                return batch;
            }
            catch (Exception e) when (e is ModelException or OutOfMemoryException or Microsoft.ML.OnnxRuntime.OnnxRuntimeException)
            {
                // Half as many may do.
            }
        }

        return 1;
    }

    private static int Answer(TrialVerdict verdict)
    {
        using var output = Console.OpenStandardOutput();
        JsonSerializer.Serialize(output, verdict, ModelLoader.CardFormat);
        return 0;
    }

    // The parent holds the other end of standard input open for as long as it lives.
    private static void EndWithParent()
    {
        var watch = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }

            using var self = System.Diagnostics.Process.GetCurrentProcess();
            self.Kill();
        })
        { IsBackground = true };
        watch.Start();
    }
}
