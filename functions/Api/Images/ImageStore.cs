using System.Globalization;
using System.Runtime.CompilerServices;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>
/// Image records. Ids come from one counter; a block of 100,000 ids shares a partition with the block's statistics counters, so that a
/// record and what it counts for (<see cref="ImageTally"/>) change in one batch, and a partition stays far below what a service allows.
/// </summary>
public sealed class ImageStore(IDocumentStore documents)
{
    public const string Container = "images";

    public const int BlockSize = 100_000;
    private const int MaxTries = 16;
    private const int ScanPage = 100;
    private const string NextField = "next";
    // Only records have ids; asked for so, the index by id gives them in order, where that of their kind would have all of them sorted.
    private static readonly DocumentFilter IsImage = new DocumentFilter.AtLeast("image_id", 0L);
    private static readonly DocumentAddress IdCounter = new(Container, "ids", "image");

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "image_id", "patient_id", "modality", "is_analysed"]);

    public async Task<int> NextIdAsync(CancellationToken cancellationToken)
    {
        var next = await documents.IncrementAsync(
            IdCounter, new Dictionary<string, long> { [NextField] = 1 }, cancellationToken);
        return checked((int)next[NextField]);
    }

    public Task<Document<ImageRecord>?> FindAsync(int imageId, CancellationToken cancellationToken) =>
        documents.ReadAsync<ImageRecord>(AddressOf(imageId), cancellationToken);

    public Task AddAsync(ImageRecord image, CancellationToken cancellationToken) => documents.ExecuteBatchAsync(
        Container,
        PartitionOf(image.ImageId),
        [new DocumentWrite.Create(IdOf(image.ImageId), image), .. ImageTally.Of(image).Increments()],
        cancellationToken);

    /// <summary>Changes a record and its counts whatever else is being written to it; null when it is gone.</summary>
    /// <exception cref="DocumentPreconditionException">Other writers came between every time.</exception>
    public async Task<(ImageRecord Before, ImageRecord After)?> ChangeAsync(
        int imageId, Func<ImageRecord, ImageRecord> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await FindAsync(imageId, cancellationToken);
            if (current is null)
            {
                return null;
            }

            var changed = change(current.Value);
            var counts = ImageTally.Of(changed);
            counts.Add(ImageTally.Of(current.Value), sign: -1);
            try
            {
                await documents.ExecuteBatchAsync(
                    Container,
                    PartitionOf(imageId),
                    [new DocumentWrite.Replace(IdOf(imageId), changed, current.ETag), .. counts.Increments()],
                    cancellationToken);
                return (current.Value, changed);
            }
            catch (DocumentNotFoundException)
            {
                return null;
            }
            catch (DocumentPreconditionException) when (attempt < MaxTries)
            {
            }
        }
    }

    /// <summary>Removes a record as it was read; false when somebody else removed it first.</summary>
    /// <exception cref="DocumentPreconditionException">The record was changed since.</exception>
    public async Task<bool> RemoveAsync(Document<ImageRecord> image, CancellationToken cancellationToken)
    {
        try
        {
            var imageId = image.Value.ImageId;
            var counts = new ImageTally();
            counts.Add(ImageTally.Of(image.Value), sign: -1);
            await documents.ExecuteBatchAsync(
                Container,
                PartitionOf(imageId),
                [new DocumentWrite.Delete(IdOf(imageId), image.ETag), .. counts.Increments()],
                cancellationToken);
            return true;
        }
        catch (DocumentNotFoundException)
        {
            return false;
        }
    }

    /// <summary>A page of the records that pass the filters, newest first, and how many pass in all.</summary>
    public async Task<(IReadOnlyList<ImageRecord> Images, long Total)> ListAsync(
        string? patientId, string? modality, Page page, CancellationToken cancellationToken)
    {
        List<DocumentFilter> filters = [IsImage];
        if (patientId is not null)
        {
            filters.Add(new DocumentFilter.Equal("patient_id", patientId));
        }

        if (modality is not null)
        {
            filters.Add(new DocumentFilter.Equal("modality", modality));
        }

        var query = new DocumentQuery { Filters = filters, OrderBy = "image_id", Descending = true };
        var images = new List<ImageRecord>(page.Size);
        long total = 0;
        await foreach (var partition in PartitionsAsync(cancellationToken))
        {
            var count = await documents.CountAsync(Container, partition, query, cancellationToken);
            var skip = page.Offset + images.Count - total;
            if (images.Count < page.Size && skip < count)
            {
                var rows = await documents.QueryAsync<ImageRecord>(
                    Container,
                    partition,
                    query with { Offset = (int)Math.Max(skip, 0), Limit = page.Size - images.Count },
                    cancellationToken);
                images.AddRange(rows.Select(row => row.Value));
            }

            total += count;
        }

        return (images, total);
    }

    /// <summary>The most recent record, or the most recent that was never analysed; null where there is none.</summary>
    public async Task<ImageRecord?> FindLatestAsync(bool unanalysed, CancellationToken cancellationToken)
    {
        List<DocumentFilter> filters = [IsImage];
        if (unanalysed)
        {
            filters.Add(new DocumentFilter.Equal("is_analysed", false));
        }

        var query = new DocumentQuery { Filters = filters, OrderBy = "image_id", Descending = true, Limit = 1 };
        await foreach (var partition in PartitionsAsync(cancellationToken))
        {
            var rows = await documents.QueryAsync<ImageRecord>(Container, partition, query, cancellationToken);
            if (rows.Count > 0)
            {
                return rows[0].Value;
            }
        }

        return null;
    }

    /// <summary>Every record, newest first, read a page at a time.</summary>
    public async IAsyncEnumerable<ImageRecord> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var partition in PartitionsAsync(cancellationToken))
        {
            await foreach (var image in BlockAsync(partition, cancellationToken))
            {
                yield return image;
            }
        }
    }

    /// <summary>The records of one partition, newest first.</summary>
    public async IAsyncEnumerable<ImageRecord> BlockAsync(
        string partition, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var counter = await documents.ReadAsync<IdCount>(IdCounter, cancellationToken);
        var first = long.Parse(partition, CultureInfo.InvariantCulture) * BlockSize;
        var end = Math.Min(first + BlockSize, (counter?.Value.Next ?? 0) + 1);

        // A page is a range of ids, which an index finds wherever it lies and however many records there are.
        for (; end > first; end -= ScanPage)
        {
            var rows = await documents.QueryAsync<ImageRecord>(
                Container,
                partition,
                new DocumentQuery
                {
                    Filters =
                    [
                        new DocumentFilter.AtLeast("image_id", Math.Max(first, end - ScanPage)),
                        new DocumentFilter.LessThan("image_id", end),
                    ],
                    OrderBy = "image_id",
                    Descending = true,
                    Limit = ScanPage,
                },
                cancellationToken);
            foreach (var row in rows)
            {
                yield return row.Value;
            }
        }
    }

    /// <summary>The partitions of all blocks, newest first.</summary>
    public async IAsyncEnumerable<string> PartitionsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var counter = await documents.ReadAsync<IdCount>(IdCounter, cancellationToken);
        for (var block = (counter?.Value.Next ?? 0) / BlockSize; block >= 0; block--)
        {
            yield return PartitionOf(checked((int)(block * BlockSize)));
        }
    }

    private static DocumentAddress AddressOf(int imageId) => new(Container, PartitionOf(imageId), IdOf(imageId));

    private static string PartitionOf(int imageId) => (imageId / BlockSize).ToString(CultureInfo.InvariantCulture);

    private static string IdOf(int imageId) => imageId.ToString(CultureInfo.InvariantCulture);

    private sealed record IdCount(long Next);
}
