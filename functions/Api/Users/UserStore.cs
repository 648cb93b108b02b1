using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Users;

/// <summary>
/// Users live in one partition, so that a user and the documents that reserve name and e-mail address are written in one batch:
/// neither can be taken twice, whoever races.
/// </summary>
public sealed class UserStore(IDocumentStore documents)
{
    public const string Container = "users";

    private const string Partition = "users";
    private const string CounterId = "counter";
    private const string NextField = "next";

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "user_id", "role"]);

    public Task<Document<UserRecord>?> FindAsync(int userId, CancellationToken cancellationToken) =>
        documents.ReadAsync<UserRecord>(Address(IdOf(userId)), cancellationToken);

    public async Task<Document<UserRecord>?> FindByNameAsync(string username, CancellationToken cancellationToken)
    {
        var reservation = await documents.ReadAsync<Reservation>(Address(NameId(username)), cancellationToken);
        return reservation is null ? null : await FindAsync(reservation.Value.UserId, cancellationToken);
    }

    /// <summary>Adds a user; <paramref name="create"/> makes the record from the id that is given out.</summary>
    /// <exception cref="ValidationException">Name or e-mail address is taken.</exception>
    public async Task<UserRecord> AddAsync(
        string username, string email, Func<int, UserRecord> create, CancellationToken cancellationToken)
    {
        await RefuseTakenAsync(username, email, cancellationToken);
        var next = await documents.IncrementAsync(
            Address(CounterId), new Dictionary<string, long> { [NextField] = 1 }, cancellationToken);
        var user = create(checked((int)next[NextField]));
        var reservation = new Reservation(user.UserId);
        try
        {
            await documents.ExecuteBatchAsync(
                Container,
                Partition,
                [
                    new DocumentWrite.Create(NameId(username), reservation),
                    new DocumentWrite.Create(EmailId(email), reservation),
                    new DocumentWrite.Create(IdOf(user.UserId), user),
                ],
                cancellationToken);
        }
        catch (DocumentConflictException)
        {
            await RefuseTakenAsync(username, email, cancellationToken);
            throw;
        }

        return user;
    }

    /// <summary>Changes a user whatever else is being written to the record, or returns null when the user is gone.</summary>
    public async Task<UserRecord?> ChangeAsync(int userId, Func<UserRecord, UserRecord> change, CancellationToken cancellationToken)
    {
        var changed = await documents.ChangeAsync(Address(IdOf(userId)), change, cancellationToken);
        return changed?.Value;
    }

    public async Task<bool> AnyAsync(CancellationToken cancellationToken) =>
        await documents.CountAsync(
            Container,
            Partition,
            new DocumentQuery { Filters = [new DocumentFilter.Equal("kind", UserRecord.DocumentKind)] },
            cancellationToken) > 0;

    private async Task RefuseTakenAsync(string username, string email, CancellationToken cancellationToken)
    {
        if (await documents.ReadAsync<Reservation>(Address(NameId(username)), cancellationToken) is not null)
        {
            throw new ValidationException("用户名已存在");
        }

        if (await documents.ReadAsync<Reservation>(Address(EmailId(email)), cancellationToken) is not null)
        {
            throw new ValidationException("邮箱已被使用");
        }
    }

    private static DocumentAddress Address(string id) => new(Container, Partition, id);

    private static string IdOf(int userId) => userId.ToString(CultureInfo.InvariantCulture);

    private static string NameId(string username) => $"name-{Digest(username)}";

    private static string EmailId(string email) => $"email-{Digest(email)}";

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToUpperInvariant())));

    private sealed record Reservation(int UserId);
}
