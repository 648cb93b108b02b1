using TumorFunctions.Storage;

namespace TumorFunctions.Api.Http;

public static class DocumentStoreExtensions
{
    private const int MaxTries = 16;

    /// <summary>Reads, changes and conditionally replaces a document until no other writer came between; null when there is none.</summary>
    /// <exception cref="DocumentPreconditionException">Other writers came between every time.</exception>
    public static async Task<Document<T>?> ChangeAsync<T>(
        this IDocumentStore documents, DocumentAddress address, Func<T, T> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await documents.ReadAsync<T>(address, cancellationToken);
            if (current is null)
            {
                return null;
            }

            try
            {
                return await documents.ReplaceAsync(address, change(current.Value), current.ETag, cancellationToken);
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
}
