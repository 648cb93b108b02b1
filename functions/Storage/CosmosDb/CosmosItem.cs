using System.Buffers;
using System.Text;
using System.Text.Json;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>
/// A document as Cosmos DB keeps it: <c>{"id", "partition_key", "body"}</c>. The value is kept apart under <c>body</c>, so that no
/// property of it meets one of the service's.
/// </summary>
internal static class CosmosItem
{
    public const string PartitionKeyPath = "/partition_key";
    public const string Body = "body";

    /// <summary>The service's bound of a document, and of a transactional batch.</summary>
    public const int MaxLength = 2 * 1024 * 1024;

    private const char Escape = '~';
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 128).Select(c => (char)c).Where(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))]);

    /// <exception cref="ArgumentException">The value is no JSON object.</exception>
    /// <exception cref="StorageTooLargeException">The document would be larger than the service takes.</exception>
    public static MemoryStream Write(DocumentAddress address, object? value, JsonSerializerOptions json)
    {
        ArgumentNullException.ThrowIfNull(value);
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), json);
        if (body[0] != (byte)'{')
            throw new ArgumentException("A document is a JSON object.", nameof(value));

        var stream = new MemoryStream(body.Length + 1024);
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("id", EncodeId(address.Id));
            writer.WriteString("partition_key", address.PartitionKey);
            writer.WritePropertyName(Body);
            writer.WriteRawValue(body, skipInputValidation: true);
            writer.WriteEndObject();
        }

        if (stream.Length > MaxLength)
        {
            throw new StorageTooLargeException(
                $"Document {address.Container}/{address.PartitionKey}/{address.Id} has {stream.Length} bytes; Cosmos DB takes at most {MaxLength}.");
        }

        stream.Position = 0;
        return stream;
    }

    public static async Task<JsonDocument> ParseAsync(Stream content, CancellationToken cancellationToken)
    {
        await using (content.ConfigureAwait(false))
            return await JsonDocument.ParseAsync(content, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    public static Document<T> Read<T>(string container, string partitionKey, JsonElement item, JsonSerializerOptions json)
    {
        var address = new DocumentAddress(container, partitionKey, DecodeId(item.GetProperty("id").GetString()!));
        var value = item.GetProperty(Body).Deserialize<T>(json)
            ?? throw new InvalidDataException($"Document {container}/{partitionKey}/{address.Id} holds no {typeof(T).Name}.");
        return new Document<T>(address, value, item.GetProperty("_etag").GetString()!);
    }

    /// <summary>
    /// Ids stand in the path of a request, where '.', '..', '%' and blanks are changed on their way; ASCII but letters, digits, '-'
    /// and '_' is written ~XX. 255 characters then have at most 765 bytes of the service's 1,023.
    /// </summary>
    public static string EncodeId(string id)
    {
        if (!id.AsSpan().ContainsAny(Escaped))
            return id;

        var text = new StringBuilder(id.Length + 16);
        foreach (var c in id)
        {
            if (Escaped.Contains(c))
                text.Append(Escape).Append(((int)c).ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            else
                text.Append(c);
        }

        return text.ToString();
    }

    public static string DecodeId(string encoded)
    {
        if (!encoded.Contains(Escape, StringComparison.Ordinal))
            return encoded;

        var text = new StringBuilder(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == Escape)
            {
                text.Append((char)Convert.FromHexString(encoded.AsSpan(i + 1, 2))[0]);
                i += 2;
            }
            else
            {
                text.Append(encoded[i]);
            }
        }

        return text.ToString();
    }
}
