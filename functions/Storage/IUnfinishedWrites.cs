namespace TumorFunctions.Storage;

/// <summary>A blob store that keeps, of writes that were cut off, something that nobody else removes.</summary>
public interface IUnfinishedWrites
{
    /// <summary>Deletes what is older than <paramref name="grace"/>; returns how many files.</summary>
    Task<int> SweepAsync(TimeSpan grace, CancellationToken cancellationToken = default);
}
