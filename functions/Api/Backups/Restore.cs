using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Api.Users;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// Writes a backup back. It is verified through first; where anything is wrong nothing is written.
/// <para>
/// Into an empty deployment (no image, nobody but the first administrator) everything is taken as it was. Into any other, what is
/// missing comes back, what was written since the backed-up version was is kept, and with overwrite it is replaced too. Nothing is ever
/// deleted: what came after the backup stays, and what was deleted since comes back. A document or blob that is written back counts as
/// written now, so that it is newer than any backup before. Counters that hand out ids only ever rise. Statistics are counted anew at
/// the end.
/// </para>
/// <para>
/// Meanwhile all other requests are refused with 503, orchestrations may not be running, and blob triggers wait. It survives kills:
/// each part that was under way is done again, which finds what it has written to be the same.
/// </para>
/// </summary>
public sealed partial class Restore(
    BackupStore store,
    BackupArchive archive,
    IDocumentStore documentStore,
    IDocumentExport documents,
    IBlobStore blobs,
    ModelRegistry models,
    ActiveModel activeModel,
    ImageStatistics statistics,
    UserStore users,
    BackupAudit audit,
    TimeProvider time,
    ILogger<Restore> logger);

/// <param name="SettleSeconds">Wait until every instance refuses requests.</param>
public sealed record RestoreInput(
    string BackupId, bool Overwrite, bool DryRun, int Parallel, double SettleSeconds, ActivityRetry Retry);

/// <param name="TakeAll">Whether newer versions are replaced too.</param>
/// <param name="DryRun">Only says what would be done.</param>
public sealed record RestorePartInput(PartInput Part, bool TakeAll, bool DryRun);

/// <param name="Problem">Why a model of the backup is not taken; null where all went well.</param>
public sealed record RestoredPart(RestoreTotals Totals, BackupProblem? Problem);

public sealed record EndedRestore(
    string BackupId, string InstanceId, bool DryRun, VerifiedPart Verified, RestoreTotals? Restored, string? Error);
