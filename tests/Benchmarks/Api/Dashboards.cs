using System.Globalization;
using BenchmarkDotNet.Attributes;
using TumorFunctions.Api.Images;
using TumorFunctions.Storage;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Benchmarks.Api;

/// <summary>Each dashboard over HTTP with many records in the embedded store, uploaded over a year by one user.</summary>
public class Dashboards : IDisposable
{
    private const int Batch = 1000;

    private LocalApi? _api;

    [Params(10_000, 100_000)]
    public int Records { get; set; }

    [Params("stats", "cases-trend", "cases-trend?start=2026-01-01&end=2026-12-31", "accuracy-trend", "dept-dist", "doctor-dist", "recent-cases", "todos")]
    public string Dashboard { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _api = new LocalApi(folder => FillAsync(folder).GetAwaiter().GetResult());

    [Benchmark]
    public Task<byte[]> Get() => _api!.GetAsync($"/api/dashboard/{Dashboard}");

    [GlobalCleanup]
    public void Dispose()
    {
        _api?.Dispose();
        _api = null;
        GC.SuppressFinalize(this);
    }

    private async Task FillAsync(string folder)
    {
        using var documents = new SqliteDocumentStore(Path.Combine(folder, "documents.db"), [ImageStore.Definition]);
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var first = 1; first <= Records; first += Batch)
        {
            List<DocumentWrite> writes = [];
            var tally = new ImageTally();
            for (var id = first; id < Math.Min(first + Batch, Records + 1); id++)
            {
                var uploaded = start.AddDays(365.0 * id / Records);
                var image = new ImageRecord
                {
                    ImageId = id,
                    BlobKey = $"{id:x32}",
                    Filename = $"{id:x32}_scan.png",
                    OriginalFilename = "scan.png",
                    PreviewFilename = $"{id:x32}_scan_preview.png",
                    FileSize = 100_000,
                    MimeType = "image/png",
                    Width = 512,
                    Height = 512,
                    Depth = 1,
                    Facts = new ImageFacts { PatientId = $"P{id % 1000}", Modality = "MRI" },
                    UploadedBy = 1,
                    UploadedAt = uploaded,
                    UpdatedAt = uploaded,
                };
                writes.Add(new DocumentWrite.Create(id.ToString(CultureInfo.InvariantCulture), image));
                tally.Add(ImageTally.Of(image));
            }

            // Records of one block of ids lie in one partition.
            foreach (var block in writes.GroupBy(write => int.Parse(write.Id, CultureInfo.InvariantCulture) / ImageStore.BlockSize))
            {
                await documents.ExecuteBatchAsync(ImageStore.Container, $"{block.Key}", [.. block]);
            }

            await documents.ExecuteBatchAsync(ImageStore.Container, $"{first / ImageStore.BlockSize}", [.. tally.Increments()]);
        }

        await documents.IncrementAsync(
            new DocumentAddress(ImageStore.Container, "ids", "image"), new Dictionary<string, long> { ["next"] = Records });
    }
}
