using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>
/// Takes an upload: the file goes to the blob store while it arrives, is then opened and looked through, and the record is written last.
/// Whatever fails in between takes the blobs with it.
/// </summary>
public sealed class UploadService(
    ImageStore images, ImageFiles files, IOptions<ImageOptions> options, TimeProvider time, ILogger<UploadService> logger)
{
    private const int HeadLength = 4096;

    public async Task<UploadAnswer> UploadAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var upload = new Upload(ImageFiles.NewKey());
        using var hold = files.Hold(upload.Key);
        try
        {
            var form = await UploadForm.ReadAsync(
                request,
                (name, body) => StoreAsync(upload, name, body, request.ContentLength, options.Value.MaxUploadBytes, cancellationToken));
            var fields = RequestFields.FromForm(form, ImageFields.Uploadable);
            var given = ImageFields.ReadFacts(fields, new ImageFacts());
            var diagnosis = fields.Text("diagnosis", 2000);

            var image = await RecordAsync(upload, given, diagnosis, caller.UserId, cancellationToken);
            await images.AddAsync(image, cancellationToken);
            AuditTrail.Of(request).Note(image.ImageId, ("patient_id", null, image.PatientId));
            logger.ImageUploaded(image.ImageId, upload.Format, upload.Length, caller.UserId);
            return new UploadAnswer(
                "医学影像上传成功", image.ImageId, image.Filename, ImageUrls.Of(image.Filename), ImageUrls.Of(image.PreviewFilename));
        }
        catch
        {
            await DiscardAsync(upload);
            throw;
        }
    }

    /// <summary>
    /// Makes an image of a file under an id that was set aside for it. Where there is an image of that id already, it comes back and
    /// nothing of the file is kept: however often this is called for a file, and by how many at once, there is one image.
    /// </summary>
    /// <exception cref="UnreadableImageException">The content is no image that is read here.</exception>
    /// <exception cref="ImageFormatException">The image cannot be decoded.</exception>
    /// <exception cref="TooLargeException">The file is longer than allowed.</exception>
    public async Task<ImageRecord> AdmitAsync(Admission admission, Stream content, CancellationToken cancellationToken)
    {
        var upload = new Upload(ImageFiles.NewKey()) { ImageId = admission.ImageId };
        using var hold = files.Hold(upload.Key);
        try
        {
            await StoreAsync(upload, admission.Filename, content, announced: null, admission.MaxBytes, cancellationToken);
            var image = await RecordAsync(upload, admission.Facts, admission.Diagnosis, admission.UploadedBy, cancellationToken);
            await images.AddAsync(image, cancellationToken);
            logger.ImageUploaded(image.ImageId, upload.Format, upload.Length, admission.UploadedBy);
            return image;
        }
        catch (DocumentConflictException)
        {
            await DiscardAsync(upload);
            return (await images.FindAsync(admission.ImageId, cancellationToken))?.Value ?? throw new NotFoundException("影像不存在");
        }
        catch
        {
            await DiscardAsync(upload);
            throw;
        }
    }

    private async Task DiscardAsync(Upload upload)
    {
        if (upload.Filename.Length > 0)
        {
            await files.TryDeleteAsync(upload.Filename, UploadNames.PreviewOf(upload.Filename));
        }
    }

    private async Task<ImageRecord> RecordAsync(
        Upload upload, ImageFacts given, string? diagnosis, int uploadedBy, CancellationToken cancellationToken)
    {
        var (preview, study) = await PreviewAsync(upload, cancellationToken);
        var now = time.GetUtcNow();
        return new ImageRecord
        {
            ImageId = upload.ImageId,
            BlobKey = upload.Key,
            Filename = upload.Filename,
            OriginalFilename = upload.OriginalFilename,
            PreviewFilename = UploadNames.PreviewOf(upload.Filename),
            FileSize = upload.Length,
            MimeType = UploadNames.MimeTypeOf(upload.Format, upload.Filename),
            Width = preview.SourceWidth,
            Height = preview.SourceHeight,
            Depth = preview.SourceDepth,
            Facts = Merge(given, study),
            Diagnosis = diagnosis,
            UploadedBy = uploadedBy,
            UploadedAt = now,
            UpdatedAt = now,
        };
    }

    private async Task StoreAsync(
        Upload upload, string name, Stream body, long? announced, long maxBytes, CancellationToken cancellationToken)
    {
        TooLargeException TooLarge() => new($"文件超过 {maxBytes / (1024 * 1024)} MB 的上限");
        if (announced > maxBytes + options.Value.FormOverheadBytes)
        {
            throw TooLarge();
        }

        var content = await HeadedStream.CreateAsync(body, HeadLength, cancellationToken);
        if (content.Head.IsEmpty)
        {
            throw new UnreadableImageException("EMPTY_FILE", "文件为空");
        }

        upload.Format = ImageSniffer.Identify(content.Head);
        if (upload.Format == ImageFormat.Unknown)
        {
            throw new UnreadableImageException(
                "UNSUPPORTED_FORMAT", "不支持的文件格式", "支持 PNG、JPG、JPEG、TIFF、DCM、NII、NII.GZ");
        }

        if (!UploadNames.Fits(name, upload.Format))
        {
            throw new UnreadableImageException(
                "UNSUPPORTED_FORMAT", "不支持的文件格式", $"文件内容是 {upload.Format}，与扩展名不符");
        }

        upload.OriginalFilename = name.Length <= 255 ? name : name[^255..];
        upload.Filename = $"{upload.Key}_{UploadNames.Clean(name)}";
        if (upload.ImageId == 0)
        {
            upload.ImageId = await images.NextIdAsync(cancellationToken);
        }

        var stored = await files.WriteAsync(
            upload.ImageId,
            upload.Filename,
            UploadNames.MimeTypeOf(upload.Format, upload.Filename),
            new LimitedStream(content, maxBytes, TooLarge),
            cancellationToken);
        upload.Length = stored.Length;
    }

    private async Task<(ImagePreview Preview, StudyFacts Study)> PreviewAsync(Upload upload, CancellationToken cancellationToken)
    {
        ImagePreview preview;
        await using (var blob = await files.OpenAsync(upload.Filename, cancellationToken))
        {
            preview = ImagePreview.Read(blob.Stream, cancellation: cancellationToken);
        }

        using var png = new MemoryStream();
        preview.WritePng(png);
        png.Position = 0;
        await files.WriteAsync(
            upload.ImageId, UploadNames.PreviewOf(upload.Filename), "image/png", png, cancellationToken, recomputable: true);
        return (preview, preview.Study);
    }

    // The form speaks first: who uploads knows better than a header.
    private static ImageFacts Merge(ImageFacts form, StudyFacts file) => form with
    {
        PatientId = form.PatientId ?? file.PatientId,
        PatientName = form.PatientName ?? file.PatientName,
        Age = form.Age ?? file.Age,
        Gender = form.Gender ?? file.Gender,
        ScanDate = form.ScanDate ?? file.StudyDate,
        StudyDate = form.StudyDate ?? file.StudyDate ?? form.ScanDate,
        Modality = form.Modality ?? file.Modality,
        BodyPart = form.BodyPart ?? file.BodyPart,
        Institution = form.Institution ?? file.Institution,
    };

    /// <summary>A file on its way to a record.</summary>
    private sealed class Upload(string key)
    {
        public string Key { get; } = key;

        /// <summary>0 until there is one.</summary>
        public int ImageId { get; set; }

        public ImageFormat Format { get; set; }

        public string Filename { get; set; } = "";

        public string OriginalFilename { get; set; } = "";

        public long Length { get; set; }
    }
}

/// <summary>A file that comes by another way than the upload form.</summary>
/// <param name="ImageId">Set aside for it, see <see cref="ImageStore.NextIdAsync"/>.</param>
/// <param name="Facts">What is known of it beside what it says itself.</param>
public sealed record Admission(int ImageId, string Filename, ImageFacts Facts, string? Diagnosis, int UploadedBy, long MaxBytes);
