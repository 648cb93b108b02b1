using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Auth;

/// <summary>
/// Locks a user name, known or not, after failures in a row. An attempt is counted before the password is looked at, so that many at
/// once cannot slip past the limit; a success clears the count.
/// </summary>
public sealed class LoginThrottle(IDocumentStore documents, IOptions<AuthOptions> options, TimeProvider time)
{
    public const string Container = "logins";

    private const int MaxTries = 64;

    public static DocumentContainer Definition { get; } = new(Container, []);

    /// <exception cref="TooManyAttemptsException">The name is locked.</exception>
    public async Task CountAttemptAsync(string username, CancellationToken cancellationToken)
    {
        var address = AddressOf(username);
        for (var attempt = 1; ; attempt++)
        {
            var current = await documents.ReadAsync<Attempts>(address, cancellationToken);
            var now = time.GetUtcNow();
            if (current?.Value.LockedUntil is { } until && until > now)
            {
                throw new TooManyAttemptsException(until - now);
            }

            var next = Next(current?.Value, now);
            try
            {
                _ = current is null
                    ? await documents.CreateAsync(address, next, cancellationToken)
                    : await documents.ReplaceAsync(address, next, current.ETag, cancellationToken);
                return;
            }
            catch (StorageException exception) when (exception is
                DocumentConflictException or DocumentPreconditionException or DocumentNotFoundException && attempt < MaxTries)
            {
            }
        }
    }

    public Task ClearAsync(string username, CancellationToken cancellationToken) =>
        documents.DeleteAsync(AddressOf(username), cancellationToken: cancellationToken);

    private Attempts Next(Attempts? before, DateTimeOffset now)
    {
        var settings = options.Value;
        var forgetAfter = TimeSpan.FromSeconds(settings.MaxLockSeconds);
        var count = before is null || now - before.LastAttempt > forgetAfter ? 1 : before.Count + 1;
        DateTimeOffset? lockedUntil = null;
        if (count >= settings.MaxFailures)
        {
            var doublings = Math.Min(count - settings.MaxFailures, 20);
            var seconds = Math.Min((double)settings.LockSeconds * (1 << doublings), settings.MaxLockSeconds);
            lockedUntil = now.AddSeconds(seconds);
        }

        return new Attempts(count, now, lockedUntil);
    }

    // A digest, because the name is whatever the caller sent.
    private static DocumentAddress AddressOf(string username)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(username.ToUpperInvariant())));
        return new DocumentAddress(Container, digest, digest);
    }

    private sealed record Attempts(int Count, DateTimeOffset LastAttempt, DateTimeOffset? LockedUntil);
}
