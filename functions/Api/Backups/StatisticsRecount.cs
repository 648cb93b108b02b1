using System.Globalization;
using TumorFunctions.Api.Images;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>Counts anew what <see cref="ImageStore"/> counts on write, from the records. Nobody may write images meanwhile.</summary>
public sealed class StatisticsRecount(IDocumentStore documents)
{
    private const int PageSize = 1000;
    private const string DayPrefix = "day-";

    public async Task RecountAsync(CancellationToken cancellationToken)
    {
        var counter = await documents.ReadAsync<IdCount>(new DocumentAddress(ImageStore.Container, "ids", "image"), cancellationToken);
        for (var block = 0; block <= (counter?.Value.Next ?? 0) / ImageStore.BlockSize; block++)
        {
            await RecountAsync(block.ToString(CultureInfo.InvariantCulture), cancellationToken);
        }
    }

    private async Task RecountAsync(string partition, CancellationToken cancellationToken)
    {
        long images = 0;
        long tumors = 0;
        SortedDictionary<string, long> days = new(StringComparer.Ordinal);
        await foreach (var image in ImagesAsync(partition, cancellationToken))
        {
            images++;
            tumors += image.TumorDetected ? 1 : 0;
            var day = DayPrefix + image.UploadDay;
            days[day] = days.GetValueOrDefault(day) + 1;
        }

        // Days that are counted now but have no image any more.
        var counted = new DocumentQuery { Filters = [new DocumentFilter.AtLeast("cases", long.MinValue)], Limit = int.MaxValue };
        foreach (var day in await documents.QueryAsync<DayCount>(ImageStore.Container, partition, counted, cancellationToken))
        {
            days.TryAdd(day.Address.Id, 0);
        }

        if (images == 0 && days.Count == 0)
        {
            return;
        }

        await documents.UpsertAsync(
            new DocumentAddress(ImageStore.Container, partition, "counts"), new ImageTotals(images, tumors), cancellationToken);
        foreach (var (day, cases) in days)
        {
            await documents.UpsertAsync(
                new DocumentAddress(ImageStore.Container, partition, day), new DayCount(cases), cancellationToken);
        }
    }

    private async IAsyncEnumerable<ImageRecord> ImagesAsync(
        string partition, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = 0;
        IReadOnlyList<Document<ImageRecord>> page;
        do
        {
            var query = new DocumentQuery
            {
                Filters =
                [
                    new DocumentFilter.Equal("kind", ImageRecord.DocumentKind), new DocumentFilter.AtLeast("image_id", next),
                ],
                OrderBy = "image_id",
                Limit = PageSize,
            };
            page = await documents.QueryAsync<ImageRecord>(ImageStore.Container, partition, query, cancellationToken);
            foreach (var image in page)
            {
                yield return image.Value;
                next = image.Value.ImageId + 1;
            }
        }
        while (page.Count == PageSize);
    }

    private sealed record IdCount(long Next);

    private sealed record DayCount(long Cases);
}
