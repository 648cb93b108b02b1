using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;

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
                request, (name, body) => StoreAsync(upload, name, body, request.ContentLength, cancellationToken));
            var fields = RequestFields.FromForm(form, ImageFields.Uploadable);
            var given = ImageFields.ReadFacts(fields, new ImageFacts());
            var diagnosis = fields.Text("diagnosis", 2000);

            var (preview, study) = await PreviewAsync(upload, cancellationToken);
            var now = time.GetUtcNow();
            var image = new ImageRecord
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
                UploadedBy = caller.UserId,
                UploadedAt = now,
                UpdatedAt = now,
            };
            await images.AddAsync(image, cancellationToken);
            AuditTrail.Of(request).Note(image.ImageId, ("patient_id", null, image.PatientId));
            logger.ImageUploaded(image.ImageId, upload.Format, upload.Length, caller.UserId);
            return new UploadAnswer(
                "医学影像上传成功", image.ImageId, image.Filename, ImageUrls.Of(image.Filename), ImageUrls.Of(image.PreviewFilename));
        }
        catch
        {
            if (upload.Filename.Length > 0)
            {
                await files.TryDeleteAsync(upload.Filename, UploadNames.PreviewOf(upload.Filename));
            }

            throw;
        }
    }

    private async Task StoreAsync(Upload upload, string name, Stream body, long? announced, CancellationToken cancellationToken)
    {
        var maxBytes = options.Value.MaxUploadBytes;
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
        upload.ImageId = await images.NextIdAsync(cancellationToken);
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

    private sealed class Upload(string key)
    {
        public string Key { get; } = key;

        public int ImageId { get; set; }

        public ImageFormat Format { get; set; }

        public string Filename { get; set; } = "";

        public string OriginalFilename { get; set; } = "";

        public long Length { get; set; }
    }
}
