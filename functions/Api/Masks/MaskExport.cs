using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Masks;

/// <summary>The mask in force in the formats that other programs read.</summary>
public sealed class MaskExport(ImageService images, ImageDecoder decoder, MaskStore masks)
{
    public async Task<MaskContent> GetAsync(int imageId, HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var query = RequestFields.FromQuery(request, "format", "slice");
        var format = query.Text("format") ?? "png";
        var slice = query.WholeNumber("slice", 0, ushort.MaxValue);
        if (slice is not null && format != "png")
        {
            throw new ValidationException("参数 slice 只用于 format=png");
        }

        var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        var mask = image.Mask ?? throw new NotFoundException("该影像没有掩膜：尚未分析、未检出肿瘤，也没有医生绘制的掩膜");
        return format switch
        {
            "png" => await PngAsync(image, mask, slice, cancellationToken),
            "nifti" => new MaskContent(
                mask, (await masks.OpenAsync(mask.VolumeFilename, cancellationToken)).Stream, "application/gzip", $"mask_{imageId}.nii.gz"),
            "dicomseg" => await DicomSegAsync(image, mask, cancellationToken),
            _ => throw new ValidationException("参数 format 必须是 png、nifti 或 dicomseg"),
        };
    }

    private async Task<MaskContent> PngAsync(ImageRecord image, MeasuredMask mask, int? slice, CancellationToken cancellationToken)
    {
        var fileName = $"mask_{image.ImageId}_{slice ?? mask.Slice}.png";
        if (slice is null || slice == mask.Slice)
        {
            var kept = await masks.OpenAsync(mask.SliceFilename, cancellationToken);
            return new MaskContent(mask, kept.Stream, "image/png", fileName) { Slice = mask.Slice };
        }

        var geometry = await decoder.ReadGeometryAsync(image, cancellationToken);
        var shown = AnatomicalAxes.ForViewing(geometry).Apply(await masks.ReadAsync(mask, cancellationToken));
        return slice < shown.Depth
            ? new MaskContent(mask, new MemoryStream(MaskPng.Encode(shown, slice.Value), writable: false), "image/png", fileName) { Slice = slice }
            : throw new ValidationException($"参数 slice 必须是 0 到 {shown.Depth - 1} 之间的整数");
    }

    private async Task<MaskContent> DicomSegAsync(ImageRecord image, MeasuredMask mask, CancellationToken cancellationToken)
    {
        var geometry = await decoder.ReadGeometryAsync(image, cancellationToken);
        var spacing = SpacingChoice.For(geometry, image.Facts);
        if (spacing.Source == SpacingChoice.Assumed || (geometry.Depth > 1 && spacing.SliceThickness is null))
        {
            throw new StateConflictException(
                "NO_GEOMETRY",
                "影像的空间尺寸未知，无法导出 DICOM-SEG",
                geometry.Depth > 1 ? "请通过 pixel_spacing 和 slice_thickness (mm) 提供" : "请通过 pixel_spacing (mm) 提供");
        }

        var facts = image.Facts;
        var segmentation = new DicomSegmentation
        {
            Mask = await masks.ReadAsync(mask, cancellationToken),
            Geometry = geometry with
            {
                Spacing = spacing.Voxel,
                IsSliceDistanceAssumed = false,
                SliceThickness = geometry.SliceThickness ?? spacing.SliceThickness,
            },
            Algorithm = mask.Source == MeasuredMask.Clinician ? null : image.Analysis?.Model ?? "model",
            Creator = image.Annotation?.AnnotatedByName,
            CreatedAt = mask.MeasuredAt,
            ImageKey = image.BlobKey,
            MaskKey = mask.Version,
            Study = new StudyFacts
            {
                PatientId = facts.PatientId,
                PatientName = facts.PatientName,
                Age = facts.Age,
                Gender = facts.Gender,
                StudyDate = facts.StudyDate,
            },
        };
        var file = new MemoryStream();
        DicomSegWriter.Write(file, segmentation);
        file.Position = 0;
        return new MaskContent(mask, file, "application/dicom", $"mask_{image.ImageId}.dcm");
    }
}
