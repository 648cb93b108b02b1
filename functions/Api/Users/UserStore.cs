using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Users;

/// <summary>
/// Users live in one partition, so that a user, the documents that reserve name and e-mail address, and the list of administrators are
/// written in one batch: no name can be taken twice and the last administrator cannot go, whoever races.
/// </summary>
public sealed class UserStore(IDocumentStore documents)
{
    public const string Container = "users";

    private const string Partition = "users";
    private const string CounterId = "counter";
    private const string AdministratorsId = "administrators";
    private const string NextField = "next";
    private const int MaxTries = 16;

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "user_id", "role"]);

    public Task<Document<UserRecord>?> FindAsync(int userId, CancellationToken cancellationToken) =>
        documents.ReadAsync<UserRecord>(Address(IdOf(userId)), cancellationToken);

    public async Task<Document<UserRecord>?> FindByNameAsync(string username, CancellationToken cancellationToken)
    {
        var reservation = await documents.ReadAsync<Reservation>(Address(NameId(username)), cancellationToken);
        return reservation is null ? null : await FindAsync(reservation.Value.UserId, cancellationToken);
    }

    /// <summary>What to show of a user, of one whose account was deleted too; null for an id that was never given out.</summary>
    public async Task<UserProfile?> FindProfileAsync(int userId, CancellationToken cancellationToken) =>
        await FindAsync(userId, cancellationToken) is { } user
            ? UserProfile.Of(user.Value)
            : (await documents.ReadAsync<UserProfile>(Address(FormerId(userId)), cancellationToken))?.Value;

    /// <summary>A page of the users, by id, and how many pass the filters in all.</summary>
    /// <param name="search">Part of the user name or e-mail address.</param>
    public async Task<(IReadOnlyList<UserRecord> Users, long Total)> ListAsync(
        string? role, string? search, Page page, CancellationToken cancellationToken)
    {
        List<DocumentFilter> filters = [new DocumentFilter.Equal("kind", UserRecord.DocumentKind)];
        if (role is not null)
        {
            filters.Add(new DocumentFilter.Equal("role", role));
        }

        if (search is not null)
        {
            filters.Add(new DocumentFilter.Contains(["username", "email"], search));
        }

        var query = new DocumentQuery { Filters = filters, OrderBy = "user_id", Offset = page.Offset, Limit = page.Size };
        var rows = await documents.QueryAsync<UserRecord>(Container, Partition, query, cancellationToken);
        return ([.. rows.Select(row => row.Value)], await documents.CountAsync(Container, Partition, query, cancellationToken));
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
        for (var attempt = 1; ; attempt++)
        {
            List<DocumentWrite> writes =
            [
                new DocumentWrite.Create(NameId(username), reservation),
                new DocumentWrite.Create(EmailId(email), reservation),
                new DocumentWrite.Create(IdOf(user.UserId), user),
            ];
            if (user.Role == Access.Admin)
            {
                var administrators = await AdministratorsAsync(cancellationToken);
                writes.Add(administrators.With(user.UserId));
            }

            try
            {
                await documents.ExecuteBatchAsync(Container, Partition, writes, cancellationToken);
                return user;
            }
            catch (Exception exception) when (IsRace(exception))
            {
                await RefuseTakenAsync(username, email, cancellationToken);
                if (attempt == MaxTries)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Changes a user whatever else is being written to the record, or returns null when the user is gone.</summary>
    /// <exception cref="ValidationException">The new e-mail address is another user's.</exception>
    /// <exception cref="StateConflictException">The last administrator would be none any more.</exception>
    public async Task<(UserRecord Before, UserRecord After)?> ChangeAsync(
        int userId, Func<UserRecord, UserRecord> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await FindAsync(userId, cancellationToken) is not { } found)
            {
                return null;
            }

            var (before, after) = (found.Value, change(found.Value));
            List<DocumentWrite> writes = [new DocumentWrite.Replace(IdOf(userId), after, found.ETag)];
            if (EmailId(before.Email) != EmailId(after.Email))
            {
                writes.Add(new DocumentWrite.Create(EmailId(after.Email), new Reservation(userId)));
                writes.Add(new DocumentWrite.Delete(EmailId(before.Email)));
            }

            if ((before.Role == Access.Admin) != (after.Role == Access.Admin))
            {
                var administrators = await AdministratorsAsync(cancellationToken);
                writes.Add(after.Role == Access.Admin ? administrators.With(userId) : administrators.Without(userId));
            }

            try
            {
                await documents.ExecuteBatchAsync(Container, Partition, writes, cancellationToken);
                return (before, after);
            }
            catch (Exception exception) when (IsRace(exception))
            {
                await RefuseTakenAsync(before.Email, after.Email, userId, cancellationToken);
                if (attempt == MaxTries)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>Deletes a user and keeps what is shown beside the user's records; null when there was none.</summary>
    /// <exception cref="StateConflictException">It is the last administrator.</exception>
    public async Task<UserRecord?> DeleteAsync(int userId, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await FindAsync(userId, cancellationToken) is not { } found)
            {
                return null;
            }

            var user = found.Value;
            List<DocumentWrite> writes =
            [
                new DocumentWrite.Delete(IdOf(userId), found.ETag),
                new DocumentWrite.Delete(NameId(user.Username)),
                new DocumentWrite.Delete(EmailId(user.Email)),
                new DocumentWrite.Upsert(FormerId(userId), UserProfile.Of(user)),
            ];
            if (user.Role == Access.Admin)
            {
                writes.Add((await AdministratorsAsync(cancellationToken)).Without(userId));
            }

            try
            {
                await documents.ExecuteBatchAsync(Container, Partition, writes, cancellationToken);
                return user;
            }
            catch (Exception exception) when (IsRace(exception) && attempt < MaxTries)
            {
            }
        }
    }

    public async Task<bool> AnyAsync(CancellationToken cancellationToken) =>
        await documents.CountAsync(
            Container,
            Partition,
            new DocumentQuery { Filters = [new DocumentFilter.Equal("kind", UserRecord.DocumentKind)] },
            cancellationToken) > 0;

    private static bool IsRace(Exception exception) =>
        exception is DocumentConflictException or DocumentPreconditionException or DocumentNotFoundException;

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

    private async Task RefuseTakenAsync(string oldEmail, string newEmail, int userId, CancellationToken cancellationToken)
    {
        if (EmailId(oldEmail) != EmailId(newEmail)
            && await documents.ReadAsync<Reservation>(Address(EmailId(newEmail)), cancellationToken) is { } taken
            && taken.Value.UserId != userId)
        {
            throw new ValidationException("邮箱已被使用");
        }
    }

    private async Task<Administrators> AdministratorsAsync(CancellationToken cancellationToken)
    {
        if (await documents.ReadAsync<AdministratorList>(Address(AdministratorsId), cancellationToken) is { } known)
        {
            return new Administrators(known.Value.Ids, known.ETag);
        }

        var query = new DocumentQuery
        {
            Filters = [new DocumentFilter.Equal("kind", UserRecord.DocumentKind), new DocumentFilter.Equal("role", Access.Admin)],
            Limit = int.MaxValue,
        };
        var rows = await documents.QueryAsync<UserRecord>(Container, Partition, query, cancellationToken);
        return new Administrators([.. rows.Select(row => row.Value.UserId)], null);
    }

    private static DocumentAddress Address(string id) => new(Container, Partition, id);

    private static string IdOf(int userId) => userId.ToString(CultureInfo.InvariantCulture);

    private static string FormerId(int userId) => $"former-{IdOf(userId)}";

    private static string NameId(string username) => $"name-{Digest(username)}";

    private static string EmailId(string email) => $"email-{Digest(email)}";

    private static string Digest(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToUpperInvariant())));

    private sealed record Reservation(int UserId);

    private sealed record AdministratorList(IReadOnlyList<int> Ids);

    /// <summary>Who is administrator; written over the version that was read, so that of two who race one reads again.</summary>
    private sealed record Administrators(IReadOnlyList<int> Ids, string? ETag)
    {
        public DocumentWrite With(int userId) => Write([.. Ids.Except([userId]), userId]);

        public DocumentWrite Without(int userId)
        {
            int[] left = [.. Ids.Except([userId])];
            return left.Length > 0
                ? Write(left)
                : throw new StateConflictException("LAST_ADMINISTRATOR", "不能删除或降级最后一个管理员", "请先任命另一位管理员");
        }

        private DocumentWrite Write(int[] ids) => ETag is null
            ? new DocumentWrite.Create(AdministratorsId, new AdministratorList(ids))
            : new DocumentWrite.Replace(AdministratorsId, new AdministratorList(ids), ETag);
    }
}
