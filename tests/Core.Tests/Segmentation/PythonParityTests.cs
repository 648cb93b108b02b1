using System.Text.Json;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>
/// The shipped model through this implementation, against what training/parity.py wrote of it: the published figures hold for what is
/// served only where both give the same masks.
/// </summary>
public sealed class PythonParityTests
{
    private const double LeastIoU = 0.99;

    [Fact]
    public async Task Findings_and_masks_are_those_of_the_training_code()
    {
        var folder = Environment.GetEnvironmentVariable("TUMOR_PARITY_FOLDER") ?? Path.Combine(AppContext.BaseDirectory, "Segmentation", "Parity");
        using var registry = new ModelRegistry(Path.Combine(AppContext.BaseDirectory, "models"));
        var engine = new OnnxSegmentationEngine(registry);
        var findings = 0;
        foreach (var folderOfCase in Directory.GetDirectories(folder))
        {
            using var expected = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(folderOfCase, "case.json")));
            var slice = Read(Path.Combine(folderOfCase, "source.png"));
            var options = new SegmentationOptions(
                expected.RootElement.GetProperty("confidence").GetDouble(), expected.RootElement.GetProperty("nms_iou").GetDouble());

            var result = (await engine.SegmentAsync("Yolov11_best", [slice], options))[0];

            var scores = expected.RootElement.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble()).ToArray();
            Assert.Equal(scores.Length, result.Detections.Count);
            for (var k = 0; k < scores.Length; k++)
                Assert.Equal(scores[k], result.Detections[k].Confidence, 1e-3);
            var union = new byte[slice.Width * slice.Height];
            for (var k = 0; k < scores.Length; k++)
            {
                var mask = Read(Path.Combine(folderOfCase, $"mask_{k}.png")).Pixels.Span;
                for (var i = 0; i < union.Length; i++)
                    union[i] |= mask[i];
            }

            Assert.True(IoU(union, result.Mask.Voxels) >= LeastIoU, $"{folderOfCase}: IoU {IoU(union, result.Mask.Voxels):F4}");
            findings += scores.Length;
        }

        Assert.True(findings > 0, "No case has a finding to compare.");
    }

    private static GreySlice Read(string path)
    {
        using var file = File.OpenRead(path);
        var volume = ImageReader.Read(file, ImageLimits.Default, default);
        return new GreySlice(Array.ConvertAll(volume.Voxels.ToArray(), value => (byte)value), volume.Width, volume.Height);
    }

    private static double IoU(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int shared = 0, together = 0;
        for (var i = 0; i < a.Length; i++)
        {
            shared += a[i] != 0 && b[i] != 0 ? 1 : 0;
            together += a[i] != 0 || b[i] != 0 ? 1 : 0;
        }

        return together == 0 ? 1 : (double)shared / together;
    }
}
