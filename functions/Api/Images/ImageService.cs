using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>Listing, reading, changing and deleting image records; uploads are <see cref="UploadService"/>'s.</summary>
public sealed class ImageService(
    ImageStore images, ImageFiles files, ImageDecoder decoder, TimeProvider time, ILogger<ImageService> logger)
{
    private const int DefaultPageSize = 12;
    private const int MaxBatch = 1000;

    private static readonly string[] BatchFields = ["ids"];

    public async Task<ImageListAnswer> ListAsync(HttpRequest request, Caller caller)
    {
        var page = Page.From(request, DefaultPageSize);
        var query = RequestFields.FromQuery(request, "patient_id", "modality");
        var (patientId, modality) = (query.Text("patient_id"), query.Text("modality"));
        if (caller.Role == Access.Patient)
        {
            if (caller.LinkedPatientId is null || (patientId is not null && patientId != caller.LinkedPatientId))
            {
                return new ImageListAnswer([], page.Describe(0));
            }

            patientId = caller.LinkedPatientId;
        }

        var (found, total) = await images.ListAsync(patientId, modality, page, request.HttpContext.RequestAborted);
        return new ImageListAnswer([.. found.Select(image => new ImageListItem(image))], page.Describe(total));
    }

    public async Task<ImageDetails> GetAsync(int imageId, Caller caller, CancellationToken cancellationToken) =>
        new((await FindVisibleAsync(imageId, caller, cancellationToken)).Value);

    /// <summary>The record, for a caller who may see it.</summary>
    /// <exception cref="NotFoundException">There is none, or the caller may not know of it.</exception>
    public async Task<Document<ImageRecord>> FindVisibleAsync(int imageId, Caller caller, CancellationToken cancellationToken)
    {
        var image = imageId > 0 ? await images.FindAsync(imageId, cancellationToken) : null;
        return image is not null && caller.CanView(image.Value) ? image : throw Missing();
    }

    public async Task<UpdateAnswer> UpdateAsync(int imageId, HttpRequest request, Caller caller)
    {
        var fields = await RequestFields.ReadJsonAsync(request, ImageFields.Updatable);
        var change = ImageFields.ReadUpdate(fields);
        var cancellationToken = request.HttpContext.RequestAborted;
        await FindVisibleAsync(imageId, caller, cancellationToken);
        var changed = await images.ChangeAsync(
            imageId, image => change(image) with { UpdatedAt = time.GetUtcNow() }, cancellationToken) ?? throw Missing();
        AuditTrail.Of(request).Note(
            imageId,
            ("patient_id", changed.Before.PatientId, changed.After.PatientId),
            ("diagnosis", changed.Before.Diagnosis, changed.After.Diagnosis),
            ("is_validated", Text(changed.Before.IsValidated), Text(changed.After.IsValidated)),
            ("is_annotated", Text(changed.Before.IsAnnotated), Text(changed.After.IsAnnotated)));
        return new UpdateAnswer("医学影像信息更新成功", new ImageDetails(changed.After));
    }

    public async Task<MessageAnswer> DeleteAsync(int imageId, Caller caller, CancellationToken cancellationToken)
    {
        await DeleteOneAsync(imageId, caller, cancellationToken);
        return new MessageAnswer("医学影像删除成功");
    }

    /// <summary>Deletes what can be deleted; ids that are unknown or not the caller's to delete are named in the answer.</summary>
    /// <exception cref="ForbiddenException">None of the ids may be deleted by the caller.</exception>
    /// <exception cref="NotFoundException">None of the ids exists.</exception>
    public async Task<BatchDeleteAnswer> DeleteBatchAsync(HttpRequest request, Caller caller)
    {
        var fields = await RequestFields.ReadJsonAsync(request, BatchFields);
        List<int> deleted = [];
        List<(int Id, ApiException Reason)> refused = [];
        foreach (var imageId in fields.Ids("ids", MaxBatch))
        {
            try
            {
                await DeleteOneAsync(imageId, caller, request.HttpContext.RequestAborted);
                deleted.Add(imageId);
            }
            catch (ApiException reason) when (reason is NotFoundException or ForbiddenException)
            {
                refused.Add((imageId, reason));
            }
        }

        if (deleted.Count == 0)
        {
            throw refused.Find(item => item.Reason is ForbiddenException).Reason ?? refused[0].Reason;
        }

        AuditTrail.Of(request).Note(string.Join(',', deleted));
        return new BatchDeleteAnswer("批量删除成功", deleted, [.. refused.Select(item => new BatchRefusal(item.Id, item.Reason.Error))]);
    }

    /// <summary>An image's own file, preview or mask for download.</summary>
    public async Task<BlobContent> OpenFileAsync(string blobName, Caller caller, CancellationToken cancellationToken)
    {
        var imageId = await files.OwnerOfAsync(blobName, cancellationToken) ?? throw new NotFoundException("文件不存在");
        var image = await images.FindAsync(imageId, cancellationToken);
        return image is not null && caller.CanView(image.Value) && image.Value.BlobNames.Contains(blobName)
            ? await files.OpenAsync(blobName, cancellationToken)
            : throw new NotFoundException("文件不存在");
    }

    private async Task DeleteOneAsync(int imageId, Caller caller, CancellationToken cancellationToken)
    {
        while (true)
        {
            var image = await FindVisibleAsync(imageId, caller, cancellationToken);
            caller.RequireDelete(image.Value);
            try
            {
                if (!await images.RemoveAsync(image, cancellationToken))
                {
                    throw Missing();
                }
            }
            catch (DocumentPreconditionException)
            {
                continue;
            }

            decoder.Forget(image.Value);

            // The record is gone, so from here on the files are only left-overs: a failure to delete them now is the sweeper's work.
            await files.TryDeleteAsync(image.Value.BlobNames);
            if (image.Value.Mask is { } mask)
            {
                await files.TryDeleteAllAsync(image.Value.DerivedPrefix(mask));
            }

            logger.ImageDeleted(imageId, caller.UserId);
            return;
        }
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static NotFoundException Missing() => new("影像不存在");
}

/// <summary>The fields of uploads and updates, read and checked in one place.</summary>
public static class ImageFields
{
    private const int MaxAge = 150;
    private const int MaxJsonLength = 100_000;
    private const double MaxSpacing = 100;
    private const double MinSpacing = 0.001;

    private static readonly string[] Facts =
    [
        "patient_id", "patient_name", "age", "gender", "scan_date", "study_date", "modality", "body_part", "institution",
        "pixel_spacing", "slice_thickness",
    ];

    public static IReadOnlyCollection<string> Uploadable { get; } = [.. Facts, "diagnosis"];

    public static IReadOnlyCollection<string> Updatable { get; } =
        [.. Facts, "diagnosis", "surgical_plan", "is_validated", "is_annotated", "annotation_data"];

    /// <summary>The given facts; what is not given stays as it is in <paramref name="facts"/>, and an explicit null empties a fact.</summary>
    public static ImageFacts ReadFacts(RequestFields fields, ImageFacts facts) => new()
    {
        PatientId = fields.Has("patient_id") ? fields.Text("patient_id", 64) : facts.PatientId,
        PatientName = fields.Has("patient_name") ? fields.Text("patient_name") : facts.PatientName,
        Age = fields.Has("age") ? fields.WholeNumber("age", 0, MaxAge) : facts.Age,
        Gender = fields.Has("gender") ? Gender(fields) : facts.Gender,
        ScanDate = fields.Has("scan_date") ? fields.Date("scan_date") : facts.ScanDate,
        StudyDate = fields.Has("study_date") ? fields.Date("study_date") : facts.StudyDate,
        Modality = fields.Has("modality") ? fields.Text("modality", 32) : facts.Modality,
        BodyPart = fields.Has("body_part") ? fields.Text("body_part", 64) : facts.BodyPart,
        Institution = fields.Has("institution") ? fields.Text("institution") : facts.Institution,
        PixelSpacing = fields.Has("pixel_spacing") ? fields.Number("pixel_spacing", MinSpacing, MaxSpacing) : facts.PixelSpacing,
        SliceThickness = fields.Has("slice_thickness") ? fields.Number("slice_thickness", MinSpacing, MaxSpacing) : facts.SliceThickness,
    };

    /// <summary>Checks every given field at once and returns the change that they ask for.</summary>
    public static Func<ImageRecord, ImageRecord> ReadUpdate(RequestFields fields)
    {
        _ = ReadFacts(fields, new ImageFacts());
        var diagnosis = fields.Text("diagnosis", 2000);
        var surgicalPlan = fields.Text("surgical_plan", 10_000);
        var isValidated = fields.Flag("is_validated");
        var isAnnotated = fields.Flag("is_annotated");
        var annotationData = AnnotationData(fields);
        return image => image with
        {
            Facts = ReadFacts(fields, image.Facts),
            Diagnosis = fields.Has("diagnosis") ? diagnosis : image.Diagnosis,
            SurgicalPlan = fields.Has("surgical_plan") ? surgicalPlan : image.SurgicalPlan,
            IsValidated = isValidated ?? image.IsValidated,
            IsAnnotated = isAnnotated ?? image.IsAnnotated,
            AnnotationData = fields.Has("annotation_data") ? annotationData ?? "{}" : image.AnnotationData,
        };
    }

    private static string? Gender(RequestFields fields) => fields.Text("gender", 16)?.ToUpperInvariant() switch
    {
        null => null,
        "M" or "MALE" or "男" => "M",
        "F" or "FEMALE" or "女" => "F",
        "O" or "OTHER" or "其他" => "O",
        _ => throw new ValidationException("字段 gender 必须是 M、F 或 O"),
    };

    private static string? AnnotationData(RequestFields fields)
    {
        var text = fields.Verbatim("annotation_data", MaxJsonLength);
        if (text is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? text
                : throw new ValidationException("字段 annotation_data 必须是 JSON 对象的字符串");
        }
        catch (JsonException)
        {
            throw new ValidationException("字段 annotation_data 不是有效的 JSON 字符串");
        }
    }
}
