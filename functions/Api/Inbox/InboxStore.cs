using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

/// <summary>Documents of the inbox: a receipt for each file, tickets of upload URLs, and what was put aside.</summary>
public sealed class InboxStore(IDocumentStore documents)
{
    public const string Container = "inbox";
    public const string BlobContainer = "inbox";
    public const string QuarantineBlobs = "quarantine";

    private const string Quarantine = "quarantine";
    private const string Tickets = "tickets";

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "quarantined_ms", "expires_ms"]);

    public async Task<InboxReceipt?> FindReceiptAsync(string receiptId, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<InboxReceipt>(ReceiptAddress(receiptId), cancellationToken))?.Value;

    /// <summary>Keeps a receipt; where there is one already, that one comes back.</summary>
    public async Task<InboxReceipt> AddReceiptAsync(InboxReceipt receipt, CancellationToken cancellationToken)
    {
        try
        {
            return (await documents.CreateAsync(ReceiptAddress(receipt.ReceiptId), receipt, cancellationToken)).Value;
        }
        catch (DocumentConflictException)
        {
            return await FindReceiptAsync(receipt.ReceiptId, cancellationToken) ?? receipt;
        }
    }

    public async Task<InboxReceipt?> ChangeReceiptAsync(
        string receiptId, Func<InboxReceipt, InboxReceipt> change, CancellationToken cancellationToken) =>
        (await documents.ChangeAsync(ReceiptAddress(receiptId), change, cancellationToken))?.Value;

    public Task DropReceiptAsync(string receiptId, CancellationToken cancellationToken) =>
        documents.DeleteAsync(ReceiptAddress(receiptId), cancellationToken: cancellationToken);

    public Task KeepTicketAsync(string ticketId, InboxTicket ticket, CancellationToken cancellationToken) =>
        documents.UpsertAsync(new DocumentAddress(Container, Tickets, ticketId), ticket, cancellationToken);

    public async Task<InboxTicket?> FindTicketAsync(string ticketId, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<InboxTicket>(new DocumentAddress(Container, Tickets, ticketId), cancellationToken))?.Value;

    public Task PutAsideAsync(QuarantineRecord record, CancellationToken cancellationToken) =>
        documents.UpsertAsync(QuarantineAddress(record.QuarantineId), record, cancellationToken);

    public async Task<QuarantineRecord?> FindAsideAsync(string quarantineId, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<QuarantineRecord>(QuarantineAddress(quarantineId), cancellationToken))?.Value;

    public Task ForgetAsideAsync(string quarantineId, CancellationToken cancellationToken) =>
        documents.DeleteAsync(QuarantineAddress(quarantineId), cancellationToken: cancellationToken);

    /// <summary>A page of what was put aside, newest first, and how much there is in all.</summary>
    public async Task<(IReadOnlyList<QuarantineRecord> Records, long Total)> ListAsideAsync(
        Page page, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Filters = [new DocumentFilter.Equal("kind", QuarantineRecord.DocumentKind)],
            OrderBy = "quarantined_ms",
            Descending = true,
            Offset = page.Offset,
            Limit = page.Size,
        };
        var total = await documents.CountAsync(Container, Quarantine, query, cancellationToken);
        var rows = await documents.QueryAsync<QuarantineRecord>(Container, Quarantine, query, cancellationToken);
        return ([.. rows.Select(row => row.Value)], total);
    }

    // A partition of its own for each receipt: there are as many as files ever came.
    private static DocumentAddress ReceiptAddress(string receiptId) => new(Container, receiptId, "receipt");

    private static DocumentAddress QuarantineAddress(string quarantineId) => new(Container, Quarantine, quarantineId);
}
