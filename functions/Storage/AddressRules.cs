using System.Buffers;

namespace TumorFunctions.Storage;

/// <summary>The rules for addresses and names; every adapter checks them before it touches its store.</summary>
internal static class AddressRules
{
    private const int MaxKeyLength = 255;
    private const int MaxBlobNameLength = 1024;
    private const int MaxMetadataLength = 8192;

    private static readonly SearchValues<char> PropertyCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_");
    private static readonly SearchValues<char> ContainerCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> DocumentContainerCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-");
    private static readonly SearchValues<char> ForbiddenInKeys = SearchValues.Create("/\\#?");

    public static void Check(DocumentAddress address)
    {
        CheckKey(address.PartitionKey, "partition key");
        CheckKey(address.Id, "id");
    }

    public static void CheckDocumentContainer(string container)
    {
        var valid = container is { Length: >= 1 and <= 63 }
            && char.IsAsciiLetterLower(container[0])
            && !container.AsSpan().ContainsAnyExcept(DocumentContainerCharacters);
        if (!valid)
        {
            throw new StorageAddressException(
                "A document container's name has 1 to 63 of a-z, 0-9, '_' and '-' and begins with a letter.");
        }
    }

    public static void CheckKey(string key, string what)
    {
        if (string.IsNullOrEmpty(key) || key.Length > MaxKeyLength)
            throw new StorageAddressException($"A document's {what} has 1 to {MaxKeyLength} characters, not {key?.Length ?? 0}.");
        if (key.AsSpan().ContainsAny(ForbiddenInKeys))
            throw new StorageAddressException($"A document's {what} holds no '/', '\\', '#' or '?'.");
        CheckText(key, $"A document's {what}");
    }

    public static void CheckSnapshot(string name)
    {
        if (name is not { Length: >= 1 and <= 63 } || name.AsSpan().ContainsAnyExcept(ContainerCharacters))
            throw new StorageAddressException("A snapshot's name has 1 to 63 of a-z, 0-9 and '-'.");
    }

    public static void CheckProperty(string property)
    {
        if (string.IsNullOrEmpty(property) || property.AsSpan().ContainsAnyExcept(PropertyCharacters))
            throw new StorageAddressException("A property name consists of a-z, 0-9 and '_'.");
    }

    public static void Check(BlobAddress address)
    {
        CheckBlobContainer(address.Container);
        var name = address.Name;
        if (string.IsNullOrEmpty(name) || name.Length > MaxBlobNameLength)
            throw new StorageAddressException($"A blob name has 1 to {MaxBlobNameLength} characters, not {name?.Length ?? 0}.");
        if (name.Contains('\\', StringComparison.Ordinal))
            throw new StorageAddressException("A blob name holds no backslash; segments are separated by '/'.");
        CheckText(name, "A blob name");
        foreach (var range in name.AsSpan().Split('/'))
        {
            if (name.AsSpan()[range] is "" or "." or "..")
                throw new StorageAddressException("A blob name has no empty, '.' or '..' segment.");
        }
    }

    public static void CheckBlobContainer(string container)
    {
        var valid = container is { Length: >= 3 and <= 63 }
            && !container.AsSpan().ContainsAnyExcept(ContainerCharacters)
            && container[0] != '-' && container[^1] != '-'
            && !container.Contains("--", StringComparison.Ordinal);
        if (!valid)
        {
            throw new StorageAddressException(
                "A blob container's name has 3 to 63 of a-z, 0-9 and '-', where '-' stands only singly between others.");
        }
    }

    public static void Check(BlobWriteOptions options)
    {
        if (options.ContentType is not { Length: >= 1 and <= MaxKeyLength } || !IsPrintableAscii(options.ContentType))
            throw new StorageAddressException($"A content type has 1 to {MaxKeyLength} printable ASCII characters.");

        var length = 0;
        foreach (var (name, value) in options.Metadata)
        {
            if (name.Length == 0 || char.IsAsciiDigit(name[0]) || name.AsSpan().ContainsAnyExcept(PropertyCharacters))
                throw new StorageAddressException("A metadata name consists of a-z, 0-9 and '_' and begins with no digit.");
            if (value is null || !IsPrintableAscii(value) || value.AsSpan().Trim().Length != value.Length)
                throw new StorageAddressException($"Metadata '{name}' has a printable ASCII value without blanks at its ends.");
            length += name.Length + value.Length;
        }

        if (length > MaxMetadataLength)
            throw new StorageAddressException($"A blob's metadata has at most {MaxMetadataLength} characters, not {length}.");
    }

    private static void CheckText(string text, string what)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                throw new StorageAddressException($"{what} holds no control characters; there is one at position {i}.");
            if (!char.IsSurrogate(text[i]))
                continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw new StorageAddressException($"{what} is well-formed Unicode; half a surrogate pair is at position {i}.");
            i++;
        }
    }

    private static bool IsPrintableAscii(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
