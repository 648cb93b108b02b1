using System.Globalization;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Learning;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Radiomics;

/// <summary>Trained classifiers: a document each in one partition, and its content as a blob.</summary>
public sealed class ClassifierStore(IDocumentStore documents, IBlobStore blobs)
{
    private const string Container = "radiomics_models";
    private const string BlobContainer = "radiomics-models";
    private const string Partition = "models";
    private const string NextField = "next";
    private const string ContentType = "application/zip";
    private static readonly DocumentAddress IdCounter = new(Container, Partition, "counter");

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "classifier_id"]);

    public static string PathOf(ClassifierRecord record) => $"/models/{record.BlobName}";

    public async Task<int> NextIdAsync(CancellationToken cancellationToken)
    {
        var next = await documents.IncrementAsync(IdCounter, new Dictionary<string, long> { [NextField] = 1 }, cancellationToken);
        return checked((int)next[NextField]);
    }

    public static string NameOf(int id) => string.Create(CultureInfo.InvariantCulture, $"radiomics_model_{id:000}");

    /// <summary>The record is written last, so that one that is listed has its content.</summary>
    public async Task AddAsync(ClassifierRecord record, Classifier classifier, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        classifier.Save(content);
        content.Position = 0;
        var blob = new BlobAddress(BlobContainer, record.BlobName);
        try
        {
            await blobs.WriteAsync(blob, content, new BlobWriteOptions { ContentType = ContentType }, cancellationToken);
            await documents.CreateAsync(AddressOf(record.Name), record, cancellationToken);
        }
        catch
        {
            await blobs.DeleteAsync(blob, CancellationToken.None);
            throw;
        }
    }

    public async Task<ClassifierRecord?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await documents.ReadAsync<ClassifierRecord>(AddressOf(name), cancellationToken))?.Value;
        }
        catch (StorageAddressException)
        {
            return null;
        }
    }

    public async Task<(IReadOnlyList<ClassifierRecord> Records, long Total)> ListAsync(Page page, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Filters = [new DocumentFilter.Equal("kind", ClassifierRecord.DocumentKind)],
            OrderBy = "classifier_id",
            Descending = true,
            Offset = page.Offset,
            Limit = page.Size,
        };
        var rows = await documents.QueryAsync<ClassifierRecord>(Container, Partition, query, cancellationToken);
        return ([.. rows.Select(row => row.Value)], await documents.CountAsync(Container, Partition, query, cancellationToken));
    }

    /// <exception cref="BlobNotFoundException">The classifier was deleted since its record was read.</exception>
    public Task<BlobContent> OpenAsync(ClassifierRecord record, CancellationToken cancellationToken) =>
        blobs.OpenReadAsync(new BlobAddress(BlobContainer, record.BlobName), cancellationToken);

    /// <summary>False when there was none.</summary>
    public async Task<bool> DeleteAsync(ClassifierRecord record, CancellationToken cancellationToken)
    {
        var deleted = await documents.DeleteAsync(AddressOf(record.Name), cancellationToken: cancellationToken);
        await blobs.DeleteAsync(new BlobAddress(BlobContainer, record.BlobName), CancellationToken.None);
        return deleted;
    }

    private static DocumentAddress AddressOf(string name) => new(Container, Partition, name);
}
