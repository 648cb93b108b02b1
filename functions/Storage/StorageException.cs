namespace TumorFunctions.Storage;

/// <summary>Base of everything that a store refuses; <see cref="StatusCode"/> is the status that Azure's services use for it.</summary>
public abstract class StorageException(int statusCode, string message, Exception? inner = null) : Exception(message, inner)
{
    public int StatusCode { get; } = statusCode;
}

public sealed class DocumentNotFoundException(DocumentAddress address)
    : StorageException(404, $"Document {address.Container}/{address.PartitionKey}/{address.Id} does not exist.");

public sealed class DocumentConflictException(DocumentAddress address)
    : StorageException(409, $"Document {address.Container}/{address.PartitionKey}/{address.Id} exists already.");

public sealed class DocumentPreconditionException(DocumentAddress address)
    : StorageException(412, $"Document {address.Container}/{address.PartitionKey}/{address.Id} was changed since it was read.");

/// <summary>An increment meets a field that it cannot add to; nothing was written.</summary>
public sealed class DocumentFieldException(DocumentAddress address, string field, string reason)
    : StorageException(400, $"Field '{field}' of document {address.Container}/{address.PartitionKey}/{address.Id} {reason}");

public sealed class BlobNotFoundException(BlobAddress address)
    : StorageException(404, $"Blob {address.Container}/{address.Name} does not exist.");

public sealed class BlobConflictException(BlobAddress address)
    : StorageException(409, $"Blob {address.Container}/{address.Name} exists already.");

public sealed class BlobPreconditionException(BlobAddress address)
    : StorageException(412, $"Blob {address.Container}/{address.Name} was changed since it was read.");

/// <summary>An address or a property name breaks the rules of the store; the message says which.</summary>
public sealed class StorageAddressException(string message) : StorageException(400, message);

/// <summary>A snapshot or hold is not, or no longer, there.</summary>
public sealed class SnapshotNotFoundException(string snapshot)
    : StorageException(404, $"Snapshot '{snapshot}' is not held; it has to be taken (again) first.");

/// <summary>
/// The service is throttling, restarting or out of reach, and stayed so through the retries. A write may or may not have happened; it
/// is safe to repeat.
/// </summary>
/// <param name="retryAfter">How long the service asked to wait, where it did.</param>
public sealed class StorageUnavailableException(string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : StorageException(503, message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>What is to be written is larger than the store takes; nothing was written.</summary>
public sealed class StorageTooLargeException(string message, Exception? inner = null) : StorageException(413, message, inner);
