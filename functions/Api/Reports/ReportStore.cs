using System.Globalization;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Reports;

/// <summary>
/// Reports: those of one image share a partition, and a document by the report's number says which. The grey slice is a blob, written
/// before the record and deleted after it.
/// </summary>
public sealed class ReportStore(IDocumentStore documents, IBlobStore blobs)
{
    private const string Container = "reports";
    private const string BlobContainer = "reports";
    private const string IdPartition = "ids";
    private const string NextField = "next";
    private static readonly DocumentAddress IdCounter = new(Container, "counter", "report");

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "report_id", "created_by"]);

    public async Task<int> NextIdAsync(CancellationToken cancellationToken)
    {
        var next = await documents.IncrementAsync(IdCounter, new Dictionary<string, long> { [NextField] = 1 }, cancellationToken);
        return checked((int)next[NextField]);
    }

    /// <param name="slice">Grey levels of the record's picture.</param>
    public async Task AddAsync(ReportRecord report, byte[] slice, CancellationToken cancellationToken)
    {
        var blob = new BlobAddress(BlobContainer, report.SliceBlob);
        try
        {
            using var png = new MemoryStream();
            PngWriter.Write(png, slice, report.Snapshot.Picture.Width, report.Snapshot.Picture.Height);
            png.Position = 0;
            await blobs.WriteAsync(blob, png, new BlobWriteOptions { ContentType = "image/png" }, cancellationToken);
            await documents.CreateAsync(PointerOf(report.ReportId), new Pointer(report.ImageId), cancellationToken);
            await documents.CreateAsync(AddressOf(report), report, cancellationToken);
        }
        catch
        {
            await documents.DeleteAsync(PointerOf(report.ReportId), cancellationToken: CancellationToken.None);
            await blobs.DeleteAsync(blob, CancellationToken.None);
            throw;
        }
    }

    public async Task<ReportRecord?> FindAsync(int reportId, CancellationToken cancellationToken) =>
        await documents.ReadAsync<Pointer>(PointerOf(reportId), cancellationToken) is { } pointer
            ? (await documents.ReadAsync<ReportRecord>(AddressOf(pointer.Value.ImageId, reportId), cancellationToken))?.Value
            : null;

    /// <summary>A page of an image's reports, newest first, and how many there are.</summary>
    /// <param name="createdBy">Only this user's; null for all.</param>
    public async Task<(IReadOnlyList<ReportRecord> Reports, long Total)> ListAsync(
        int imageId, int? createdBy, Page page, CancellationToken cancellationToken)
    {
        List<DocumentFilter> filters = [new DocumentFilter.Equal("kind", ReportRecord.DocumentKind)];
        if (createdBy is { } user)
        {
            filters.Add(new DocumentFilter.Equal("created_by", user));
        }

        var query = new DocumentQuery
        {
            Filters = filters,
            OrderBy = "report_id",
            Descending = true,
            Offset = page.Offset,
            Limit = page.Size,
        };
        var partition = PartitionOf(imageId);
        var rows = await documents.QueryAsync<ReportRecord>(Container, partition, query, cancellationToken);
        return ([.. rows.Select(row => row.Value)], await documents.CountAsync(Container, partition, query, cancellationToken));
    }

    /// <summary>The grey levels of a report's picture.</summary>
    /// <exception cref="NotFoundException">The report was deleted since its record was read.</exception>
    public async Task<byte[]> ReadSliceAsync(ReportRecord report, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await blobs.OpenReadAsync(new BlobAddress(BlobContainer, report.SliceBlob), cancellationToken);
            var slice = ImageReader.Read(blob.Stream, ImageLimits.Default, cancellationToken);
            return [.. slice.Voxels.Select(value => (byte)value)];
        }
        catch (BlobNotFoundException)
        {
            throw new NotFoundException("报告不存在");
        }
    }

    /// <summary>False when somebody else deleted it first.</summary>
    public async Task<bool> DeleteAsync(ReportRecord report, CancellationToken cancellationToken)
    {
        var deleted = await documents.DeleteAsync(AddressOf(report), cancellationToken: cancellationToken);
        await documents.DeleteAsync(PointerOf(report.ReportId), cancellationToken: CancellationToken.None);
        await blobs.DeleteAsync(new BlobAddress(BlobContainer, report.SliceBlob), CancellationToken.None);
        return deleted;
    }

    private static DocumentAddress AddressOf(ReportRecord report) => AddressOf(report.ImageId, report.ReportId);

    private static DocumentAddress AddressOf(int imageId, int reportId) => new(Container, PartitionOf(imageId), IdOf(reportId));

    private static DocumentAddress PointerOf(int reportId) => new(Container, IdPartition, IdOf(reportId));

    private static string PartitionOf(int imageId) => string.Create(CultureInfo.InvariantCulture, $"image-{imageId}");

    private static string IdOf(int reportId) => reportId.ToString(CultureInfo.InvariantCulture);

    private sealed record Pointer(int ImageId);
}
