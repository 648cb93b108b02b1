using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;

namespace TumorFunctions.Api.Segmentation;

/// <summary>Segmentation jobs as clients see them.</summary>
public sealed class SegmentationService(
    ImageService images,
    ImageStore store,
    ActiveModel models,
    JobStore jobs,
    JobStarter starter,
    JobScratch scratch,
    JobProgress progress,
    TimeProvider time,
    ILogger<SegmentationService> logger)
{
    private const int MaxImages = 1000;
    private const int MaxKeyLength = 255;
    private const int DefaultPageSize = 20;

    private static readonly string[] Fields = ["weightPath", "conf", "image_id", "image_ids"];

    public async Task<StartAnswer> StartAsync(HttpRequest request, Caller caller, DurableTaskClient client, string correlationId)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var choice = ModelChoice.Read(fields);
        var ids = ReadIds(fields);
        var key = KeyOf(request);
        var requested = JsonSerializer.Serialize(new { choice.WeightPath, choice.Confidence, ids });
        if (key is not null
            && await starter.FindRepeatedAsync(starter.IdOf(caller.UserId, key), requested, client, cancellationToken) is { } repeated)
        {
            return new StartAnswer(repeated.JobId, repeated.Status, repeated.CreatedAt);
        }

        var chosen = ids is null ? [await LatestAsync(cancellationToken)] : await FindAllAsync(ids, caller, cancellationToken);
        await models.LoadAsync(choice.WeightPath, cancellationToken);
        var job = await starter.StartAsync(
            new JobRequest(chosen, choice.WeightPath, choice.Confidence, caller.UserId, key, requested, correlationId),
            client,
            cancellationToken);
        AuditTrail.Of(request).Note(job.JobId, ("image_ids", null, string.Join(',', job.ImageIds)));
        return new StartAnswer(job.JobId, job.Status, job.CreatedAt);
    }

    public async Task<ProgressAnswer> ProgressAsync(
        string jobId, Caller caller, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var job = await FindAsync(jobId, caller, cancellationToken);
        if (!job.IsFinal)
        {
            var (percent, step, eta) = await progress.ReadAsync(job, client, cancellationToken);

            // It may have ended while its orchestrations were asked.
            job = await FindAsync(jobId, caller, cancellationToken);
            if (!job.IsFinal)
            {
                return new ProgressAnswer(jobId, job.Status, percent) { CurrentStep = step, EtaSeconds = eta };
            }
        }

        return job.Status switch
        {
            JobState.Completed => new ProgressAnswer(jobId, job.Status, 100) { Result = await SummaryAsync(job, caller, cancellationToken) },
            JobState.Cancelled => new ProgressAnswer(jobId, job.Status, job.Percent) { Error = "任务已取消" },
            _ => new ProgressAnswer(jobId, job.Status, 100) { Error = job.Error ?? "服务器内部错误" },
        };
    }

    public async Task<JobListAnswer> ListAsync(HttpRequest request, Caller caller)
    {
        var page = Page.From(request, DefaultPageSize);
        var status = RequestFields.FromQuery(request, "status").Text("status");
        if (status is not null && !JobState.All.Contains(status))
        {
            throw new ValidationException($"参数 status 必须是 {string.Join("、", JobState.All)} 之一");
        }

        var (found, total) = await jobs.ListAsync(
            status, caller.IsAnonymous ? caller.UserId : null, page, request.HttpContext.RequestAborted);
        return new JobListAnswer([.. found.Select(job => new JobListItem(job))], page.Describe(total));
    }

    public async Task<JobResultAnswer> ResultAsync(string jobId, Caller caller, CancellationToken cancellationToken)
    {
        var job = await FindAsync(jobId, caller, cancellationToken);
        var ended = (await jobs.ListItemsAsync(jobId, cancellationToken)).ToDictionary(item => item.Index);
        var items = new List<JobResultItem>(job.ImageIds.Count);
        for (var index = 0; index < job.ImageIds.Count; index++)
        {
            items.Add(await DescribeAsync(job, index, ended.GetValueOrDefault(index), caller, cancellationToken));
        }

        return new JobResultAnswer(
            jobId,
            job.Status,
            items.Count,
            items.Count(item => item.Status == JobState.Completed),
            items.Count(item => item.Status == JobState.Failed),
            items);
    }

    /// <summary>Ends a job; one that has ended stays as it is. Images that were analysed before keep their results.</summary>
    /// <exception cref="ForbiddenException">The job is somebody else's.</exception>
    /// <exception cref="StateConflictException">It has ended otherwise.</exception>
    public async Task<CancelAnswer> CancelAsync(string jobId, Caller caller, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var job = await FindAsync(jobId, caller, cancellationToken);
        if (caller.Role != Access.Admin && job.StartedBy != caller.UserId)
        {
            throw new ForbiddenException("只能取消自己启动的任务");
        }

        var (percent, _, _) = await progress.ReadAsync(job, client, cancellationToken);

        // The record first: steps that look at it stop, whatever becomes of this process.
        var ended = await jobs.ChangeAsync(
            jobId, record => record with { Status = JobState.Cancelled, FinishedAt = time.GetUtcNow(), Percent = percent }, cancellationToken);
        if (ended is not { Status: JobState.Cancelled })
        {
            throw new StateConflictException("JOB_ENDED", "任务已结束，无法取消", $"任务状态: {ended?.Status}");
        }

        await JobUpkeep.TerminateAsync(client, jobId, cancellationToken);
        logger.JobCancelled(jobId, caller.UserId, job.CorrelationId);
        return new CancelAnswer("任务已取消", jobId, ended.Status);
    }

    private static IReadOnlyList<int>? ReadIds(RequestFields fields)
    {
        if (fields.WholeNumber("image_id", 1, int.MaxValue) is { } id)
        {
            return fields.Has("image_ids") ? throw new ValidationException("字段 image_id 与 image_ids 只能提供一个") : [id];
        }

        return fields.Has("image_ids") ? fields.Ids("image_ids", MaxImages) : null;
    }

    private static string? KeyOf(HttpRequest request)
    {
        var given = request.Headers["Idempotency-Key"];
        var key = given.ToString().Trim();
        return given.Count == 0
            ? null
            : given.Count == 1 && key.Length is > 0 and <= MaxKeyLength
                ? $"request {key}"
                : throw new ValidationException($"请求头 Idempotency-Key 必须是 1 到 {MaxKeyLength} 个字符，且只能出现一次");
    }

    private async Task<ImageRecord> LatestAsync(CancellationToken cancellationToken) =>
        await store.FindLatestAsync(unanalysed: true, cancellationToken)
        ?? await store.FindLatestAsync(unanalysed: false, cancellationToken)
        ?? throw new NotFoundException("没有可分割的影像，请先通过 POST /api/medical/upload 上传");

    private async Task<IReadOnlyList<ImageRecord>> FindAllAsync(
        IReadOnlyList<int> ids, Caller caller, CancellationToken cancellationToken)
    {
        var found = new List<ImageRecord>(ids.Count);
        foreach (var id in ids)
        {
            try
            {
                found.Add((await images.FindVisibleAsync(id, caller, cancellationToken)).Value);
            }
            catch (NotFoundException) when (ids.Count > 1)
            {
                throw new NotFoundException($"影像 {id} 不存在");
            }
        }

        return found;
    }

    /// <summary>A job, for a caller who may know of it: those who are not logged in know only of jobs that they started.</summary>
    private async Task<JobRecord> FindAsync(string jobId, Caller caller, CancellationToken cancellationToken) =>
        await jobs.FindAsync(jobId, cancellationToken) is { } job && (!caller.IsAnonymous || job.StartedBy == caller.UserId)
            ? job
            : throw new NotFoundException("任务不存在");

    private async Task<SegmentationSummary> SummaryAsync(JobRecord job, Caller caller, CancellationToken cancellationToken)
    {
        for (var index = 0; index < job.ImageIds.Count; index++)
        {
            var item = await jobs.FindItemAsync(job.JobId, index, cancellationToken);
            if (item?.Status == JobState.Completed
                && (await DescribeAsync(job, index, item, caller, cancellationToken)).Result is { } result)
            {
                return new SegmentationSummary(result.GetProperty("segmentation_mask"), result.GetProperty("tumor_volume"));
            }
        }

        return new SegmentationSummary(null, null);
    }

    // A deleted image takes its results with it.
    private async Task<JobResultItem> DescribeAsync(
        JobRecord job, int index, JobItemRecord? item, Caller caller, CancellationToken cancellationToken)
    {
        var imageId = job.ImageIds[index];
        if (item is null)
        {
            return new JobResultItem(imageId, job.IsFinal ? JobState.Cancelled : job.Status, null, null);
        }

        if (item.Failure is { } failure)
        {
            return new JobResultItem(imageId, item.Status, null, new ErrorAnswer(failure.Error, failure.Message, failure.Code));
        }

        var image = await store.FindAsync(imageId, cancellationToken);
        return image is not null && caller.CanView(image.Value)
            ? new JobResultItem(imageId, item.Status, await scratch.FindResultAsync(job.JobId, index, cancellationToken), null)
            : new JobResultItem(imageId, item.Status, null, new ErrorAnswer("影像不存在", null, "NOT_FOUND"));
    }
}
