using TumorFunctions.Api.Auth;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Users;

public sealed partial class UserStore
{
    /// <summary>
    /// Makes reservations, the list of administrators and the profiles of former users follow from the user records again, after these
    /// were written from elsewhere. Where two users have the same name or address, the one that it is reserved for keeps it, and the
    /// other's gets its id added. Nobody may write users meanwhile; safe to repeat.
    /// </summary>
    /// <returns>Users whose name or address was changed.</returns>
    public async Task<IReadOnlyList<UserConflict>> ReconcileAsync(CancellationToken cancellationToken)
    {
        var rows = await documents.QueryAsync<UserRecord>(
            Container,
            Partition,
            new DocumentQuery { Filters = [new DocumentFilter.Equal("kind", UserRecord.DocumentKind)], Limit = int.MaxValue },
            cancellationToken);
        var owners = await ReservationsAsync(cancellationToken);
        List<UserConflict> conflicts = [];
        var users = rows.Select(row => row.Value).OrderBy(user => user.UserId).ToList();
        foreach (var user in Losers(users, user => NameId(user.Username), owners))
        {
            var name = $"{user.Username}_{IdOf(user.UserId)}";
            await RenameAsync(user, user with { Username = name }, $"its user name is another's by now; it is {name} from here on");
        }

        foreach (var user in Losers(users, user => EmailId(user.Email), owners))
        {
            var email = $"{IdOf(user.UserId)}+{user.Email}";
            await RenameAsync(user, user with { Email = email }, "its e-mail address is another's by now; it has its id before it from here on");
        }

        var claims = users.SelectMany(user => new[] { (Id: NameId(user.Username), user.UserId), (Id: EmailId(user.Email), user.UserId) })
            .ToDictionary(claim => claim.Id, claim => claim.UserId, StringComparer.Ordinal);
        foreach (var (id, userId) in claims)
        {
            if (!owners.TryGetValue(id, out var owner) || owner != userId)
            {
                await documents.UpsertAsync(Address(id), new Reservation(userId), cancellationToken);
            }
        }

        foreach (var stale in owners.Keys.Except(claims.Keys, StringComparer.Ordinal))
        {
            await documents.DeleteAsync(Address(stale), cancellationToken: cancellationToken);
        }

        foreach (var user in users)
        {
            await documents.DeleteAsync(Address(FormerId(user.UserId)), cancellationToken: cancellationToken);
        }

        var administrators = users.Where(user => user.Role == Access.Admin).Select(user => user.UserId).ToArray();
        var listed = await documents.ReadAsync<AdministratorList>(Address(AdministratorsId), cancellationToken);
        if (listed is not null && !listed.Value.Ids.Order().SequenceEqual(administrators))
        {
            await documents.UpsertAsync(Address(AdministratorsId), new AdministratorList(administrators), cancellationToken);
        }

        return conflicts;

        async Task RenameAsync(UserRecord before, UserRecord after, string reason)
        {
            await documents.UpsertAsync(Address(IdOf(after.UserId)), after, cancellationToken);
            users[users.IndexOf(before)] = after;
            conflicts.Add(new UserConflict(after.UserId, reason));
        }
    }

    /// <summary>Those who claim what is reserved for another, or, where it is reserved for none of them, all but the latest.</summary>
    private static UserRecord[] Losers(
        IEnumerable<UserRecord> users, Func<UserRecord, string> claim, Dictionary<string, int> owners) =>
    [
        .. users.GroupBy(claim, StringComparer.Ordinal).SelectMany(claimants =>
        {
            var winner = claimants.FirstOrDefault(user => owners.GetValueOrDefault(claimants.Key) == user.UserId) ?? claimants.Last();
            return claimants.Where(user => user != winner);
        }),
    ];

    private async Task<Dictionary<string, int>> ReservationsAsync(CancellationToken cancellationToken)
    {
        var rows = await documents.QueryAsync<Reservation>(
            Container,
            Partition,
            new DocumentQuery { Filters = [new DocumentFilter.AtLeast("user_id", 0)], Limit = int.MaxValue },
            cancellationToken);
        return rows
            .Where(row => row.Address.Id.StartsWith("name-", StringComparison.Ordinal)
                || row.Address.Id.StartsWith("email-", StringComparison.Ordinal))
            .ToDictionary(row => row.Address.Id, row => row.Value.UserId, StringComparer.Ordinal);
    }
}

/// <summary>A user who had the name or address of another.</summary>
public sealed record UserConflict(int UserId, string Reason);
