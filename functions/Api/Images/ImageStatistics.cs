using System.Globalization;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>Figures over all images, read from the counters that every write keeps up to date.</summary>
public sealed class ImageStatistics(IDocumentStore documents, ImageStore images)
{
    private const int MaxTries = 16;

    public async Task<ImageTotals> TotalsAsync(CancellationToken cancellationToken)
    {
        var totals = new ImageTotals(0, 0, 0, 0);
        await foreach (var partition in images.PartitionsAsync(cancellationToken))
        {
            if (await ReadCountersAsync(partition, ImageTally.Totals, cancellationToken) is { } counts)
            {
                totals = new ImageTotals(
                    totals.Images + counts["images"],
                    totals.Tumors + counts["tumors"],
                    totals.Unanalysed + counts["unanalysed"],
                    totals.Unvalidated + counts["unvalidated"]);
            }
        }

        return totals;
    }

    /// <summary>One entry a day (UTC) from the first to the last, both included.</summary>
    public async Task<IReadOnlyList<DayCounts>> DaysAsync(DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        var days = Enumerable.Range(0, last.DayNumber - first.DayNumber + 1)
            .Select(i => new DayCounts(first.AddDays(i), 0, 0, 0))
            .ToArray();
        await foreach (var partition in images.PartitionsAsync(cancellationToken))
        {
            foreach (var month in days.Select(day => ImageTally.MonthOf(day.Day)).Distinct().ToArray())
            {
                if (await ReadCountersAsync(partition, month, cancellationToken) is not { } counts)
                {
                    continue;
                }

                for (var i = 0; i < days.Length; i++)
                {
                    if (ImageTally.MonthOf(days[i].Day) == month)
                    {
                        days[i] = days[i].Plus(counts);
                    }
                }
            }
        }

        return days;
    }

    /// <summary>Images there are by the id of the user who uploaded them.</summary>
    public async Task<IReadOnlyDictionary<int, long>> UploadersAsync(CancellationToken cancellationToken)
    {
        Dictionary<int, long> uploaders = [];
        await foreach (var partition in images.PartitionsAsync(cancellationToken))
        {
            var counts = await ReadCountersAsync(partition, ImageTally.Uploaders, cancellationToken);
            foreach (var field in counts?.Values.Keys ?? Enumerable.Empty<string>())
            {
                if (field[0] == 'u' && int.TryParse(field.AsSpan(1), CultureInfo.InvariantCulture, out var userId))
                {
                    uploaders[userId] = uploaders.GetValueOrDefault(userId) + counts![field];
                }
            }
        }

        return uploaders;
    }

    /// <summary>Counts everything anew from the records; returns how many there are.</summary>
    /// <exception cref="DocumentPreconditionException">Records were written during every try.</exception>
    public async Task<long> RecountAsync(CancellationToken cancellationToken)
    {
        long counted = 0;
        await foreach (var partition in images.PartitionsAsync(cancellationToken))
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    counted += await RecountAsync(partition, cancellationToken);
                    break;
                }
                catch (Exception exception)
                    when (exception is DocumentPreconditionException or DocumentConflictException && attempt < MaxTries)
                {
                }
            }
        }

        return counted;
    }

    // Whatever is counted changes the totals' document, so that its ETag tells whether a record was written meanwhile.
    private async Task<long> RecountAsync(string partition, CancellationToken cancellationToken)
    {
        var before = await documents.ReadAsync<Counters>(new DocumentAddress(ImageStore.Container, partition, ImageTally.Totals), cancellationToken);
        var kept = await documents.QueryAsync<Counters>(
            ImageStore.Container,
            partition,
            new DocumentQuery { Filters = [new DocumentFilter.AtLeast(ImageTally.Revision, 0L)], Limit = int.MaxValue },
            cancellationToken);
        var tally = new ImageTally();
        await foreach (var image in images.BlockAsync(partition, cancellationToken))
        {
            tally.Add(ImageTally.Of(image));
        }

        List<DocumentWrite> writes = [];
        foreach (var document in tally.Documents.Union(kept.Select(item => item.Address.Id)).Append(ImageTally.Totals).Distinct())
        {
            var fields = tally.Fields(document);
            fields[ImageTally.Revision] = 1 + (kept.FirstOrDefault(item => item.Address.Id == document)?.Value[ImageTally.Revision] ?? 0);
            writes.Add((document == ImageTally.Totals, before) switch
            {
                (false, _) => new DocumentWrite.Upsert(document, fields),
                (true, null) => new DocumentWrite.Create(document, fields),
                (true, { ETag: var etag }) => new DocumentWrite.Replace(document, fields, etag),
            });
        }

        await documents.ExecuteBatchAsync(ImageStore.Container, partition, writes, cancellationToken);
        return tally.Fields(ImageTally.Totals).GetValueOrDefault("images");
    }

    private async Task<Counters?> ReadCountersAsync(string partition, string document, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<Counters>(new DocumentAddress(ImageStore.Container, partition, document), cancellationToken))?.Value;
}

/// <summary>Counted on write.</summary>
/// <param name="Images">Records there are.</param>
/// <param name="Tumors">Records whose mask in force holds a tumour.</param>
/// <param name="Unanalysed">Records that neither model nor clinician looked at.</param>
/// <param name="Unvalidated">The others that nobody validated.</param>
public sealed record ImageTotals(long Images, long Tumors, long Unanalysed, long Unvalidated);

/// <param name="Day">UTC.</param>
/// <param name="Cases">Images uploaded on the day.</param>
/// <param name="Judged">Of these, validated and analysed.</param>
/// <param name="Agreed">Of these, with model and clinician in agreement; see <see cref="ImageTally.Agrees"/>.</param>
public sealed record DayCounts(DateOnly Day, long Cases, long Judged, long Agreed)
{
    internal DayCounts Plus(Counters month) => this with
    {
        Cases = Cases + month[ImageTally.DayField('c', Day)],
        Judged = Judged + month[ImageTally.DayField('v', Day)],
        Agreed = Agreed + month[ImageTally.DayField('a', Day)],
    };
}
