using System.Globalization;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

/// <summary>
/// Who a file of the inbox belongs to. A file that came through an upload URL belongs to who asked for it. For others the blob's
/// metadata says so, by the names of the upload form (<c>patient_id</c>, <c>patient_name</c> …, percent-encoded where they are not
/// ASCII) and <c>uploaded_by</c>, a user's id; without a <c>patient_id</c> there, the first folder of the blob's name is it:
/// <c>inbox/P001/scan.dcm</c>.
/// </summary>
public sealed record InboxFacts(string Filename, ImageFacts Facts, string? Diagnosis, int UploadedBy)
{
    /// <summary>First folder of blobs that came through an upload URL.</summary>
    public const string TicketFolder = "upload-";

    /// <summary>The ticket that a blob's name speaks of; null where it speaks of none.</summary>
    public static string? TicketOf(string blobName) =>
        blobName.StartsWith(TicketFolder, StringComparison.Ordinal) && blobName.IndexOf('/', StringComparison.Ordinal) is var slash and > 0
            ? blobName[TicketFolder.Length..slash]
            : null;

    public static InboxFacts Of(InboxTicket ticket) => new(ticket.Filename, ticket.Facts, ticket.Diagnosis, ticket.UserId);

    /// <exception cref="ValidationException">A value of the metadata is not as the upload form would have it.</exception>
    public static InboxFacts Of(BlobProperties blob)
    {
        var segments = blob.Address.Name.Split('/');
        var given = blob.Metadata
            .Where(pair => ImageFields.Uploadable.Contains(pair.Key))
            .ToDictionary(pair => pair.Key, pair => Uri.UnescapeDataString(pair.Value), StringComparer.Ordinal);
        if (segments.Length > 1)
        {
            given.TryAdd("patient_id", segments[0]);
        }

        var fields = RequestFields.FromForm(given, ImageFields.Uploadable);
        var uploadedBy = blob.Metadata.TryGetValue("uploaded_by", out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var user) ? user : 0;
        return new InboxFacts(
            segments[^1], ImageFields.ReadFacts(fields, new ImageFacts()), fields.Text("diagnosis", 2000), uploadedBy);
    }
}
