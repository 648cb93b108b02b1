using System.Globalization;
using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Masks;

/// <summary>Takes a clinician's mask from a request and lays it onto the image.</summary>
public static class MaskUpload
{
    private const int CopyBuffer = 81_920;

    // Of the smallest side of a voxel: positions are written with few digits, and a voxel must not be taken for its neighbour.
    private const double PlaceTolerance = 0.1;
    private const double SpacingTolerance = 0.01;

    /// <summary>The mask's file, from the body itself or from the part <c>file</c> of a form; deleted when closed.</summary>
    public static async Task<FileStream> ReceiveAsync(HttpRequest request, long maxBytes)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        TooLargeException TooLarge() => new($"文件超过 {maxBytes / (1024 * 1024)} MB 的上限");
        if (request.ContentLength > maxBytes)
        {
            throw TooLarge();
        }

        var path = Path.Combine(Path.GetTempPath(), $"mask-{Guid.NewGuid():N}");
        var file = new FileStream(
            path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, CopyBuffer, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        try
        {
            Task CopyAsync(Stream body) => new LimitedStream(body, maxBytes, TooLarge).CopyToAsync(file, cancellationToken);
            if (UploadForm.IsForm(request))
            {
                var form = await UploadForm.ReadAsync(request, (_, body) => CopyAsync(body));
                _ = RequestFields.FromForm(form, []);
            }
            else
            {
                await CopyAsync(request.Body);
            }

            return file.Length > 0 ? file : throw new UnreadableImageException("EMPTY_FILE", "掩膜文件为空", "需要 PNG 或 NIfTI (.nii, .nii.gz)");
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the mask as it lies on the slices that are shown.</summary>
    /// <exception cref="MaskMismatchException">It does not lie on the image; the detail says what was expected.</exception>
    public static (Mask Shown, IReadOnlyList<string> Notes) Read(
        Stream file, VolumeGeometry image, AnatomicalAxes axes, CancellationToken cancellationToken)
    {
        switch (Identify(file))
        {
            case ImageFormat.Png when image.Depth == 1:
                return ReadPng(file, axes, cancellationToken);
            case ImageFormat.Png:
                throw new MaskMismatchException("体数据的掩膜必须是 NIfTI", $"期望 {Describe(image)} 的 NIfTI (.nii, .nii.gz)，收到 PNG");
            case ImageFormat.Nifti:
                return ReadNifti(file, image, axes, cancellationToken);
            default:
                throw new UnreadableImageException(
                    "UNSUPPORTED_FORMAT", "不支持的掩膜格式", $"需要 {(image.Depth == 1 ? "PNG 或 " : "")}NIfTI (.nii, .nii.gz)，尺寸 {Describe(image)}");
        }
    }

    private static ImageFormat Identify(Stream file)
    {
        Span<byte> head = stackalloc byte[ImageSniffer.HeadLength];
        file.Position = 0;
        return ImageSniffer.Identify(head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
    }

    private static (Mask Shown, IReadOnlyList<string> Notes) ReadPng(Stream file, AnatomicalAxes axes, CancellationToken cancellationToken)
    {
        var read = ImageReader.ReadMask(file, ImageLimits.Default, cancellationToken);
        var (width, height, _) = axes.Size;
        return (read.Mask.Width, read.Mask.Height) == (width, height)
            ? (read.Mask, read.Notes)
            : throw new MaskMismatchException(
                "掩膜与影像的尺寸不符", $"期望 {width}×{height} 像素，收到 {read.Mask.Width}×{read.Mask.Height}");
    }

    private static (Mask Shown, IReadOnlyList<string> Notes) ReadNifti(
        Stream file, VolumeGeometry image, AnatomicalAxes axes, CancellationToken cancellationToken)
    {
        var given = ImageReader.ReadGeometry(file, ImageLimits.Default, cancellationToken);
        var lies = Lay(given, image);
        var read = ImageReader.ReadMask(file, ImageLimits.Default, cancellationToken);
        return (axes.Apply(lies(read.Mask)), read.Notes);
    }

    /// <summary>How a mask on one grid becomes one on the image's array: as it is, or with its axes swapped and turned round.</summary>
    private static Func<Mask, Mask> Lay(VolumeGeometry given, VolumeGeometry image)
    {
        var sameArray = (given.Width, given.Height, given.Depth) == (image.Width, image.Height, image.Depth);
        if (image is not { Orientation: not null, Spacing: { } spacing })
        {
            return sameArray && HasSpacing(given, image) ? mask => mask : throw Mismatch(given, image);
        }

        if (given is not { Orientation: not null, Spacing: not null })
        {
            throw new MaskMismatchException(
                "掩膜没有空间方位信息", $"期望带有 sform 或 qform 的 NIfTI: {Describe(image)}");
        }

        var tolerance = PlaceTolerance * Math.Min(spacing.X, Math.Min(spacing.Y, spacing.Z));
        if (sameArray && given.DistanceTo(image) <= tolerance)
        {
            return mask => mask;
        }

        var (from, to) = (AnatomicalAxes.Of(given), AnatomicalAxes.Of(image));
        return from.Size == to.Size && from.Apply(given).DistanceTo(to.Apply(image)) <= tolerance
            ? mask => to.Restore(from.Apply(mask))
            : throw Mismatch(given, image);
    }

    private static bool HasSpacing(VolumeGeometry given, VolumeGeometry image)
    {
        static bool Near(double a, double b) => Math.Abs(a - b) <= SpacingTolerance * b;
        return given.Spacing is not { } a || image.Spacing is not { } b
            || (Near(a.X, b.X) && Near(a.Y, b.Y) && (image.Depth == 1 || image.IsSliceDistanceAssumed || Near(a.Z, b.Z)));
    }

    private static MaskMismatchException Mismatch(VolumeGeometry given, VolumeGeometry image) =>
        new("掩膜与影像的空间位置不符", $"期望 {Describe(image)}；收到 {Describe(given)}");

    private static string Describe(VolumeGeometry geometry)
    {
        var text = $"{geometry.Width}×{geometry.Height}×{geometry.Depth}";
        if (geometry.Spacing is { } spacing)
        {
            text += string.Create(CultureInfo.InvariantCulture, $"，间距 {spacing.X:0.####}×{spacing.Y:0.####}×{spacing.Z:0.####} mm");
        }

        return geometry.Orientation is { } o
            ? $"{text}，首体素位于 LPS ({List(o.Origin)}) mm，轴向 ({List(o.Row)}) ({List(o.Column)}) ({List(o.Normal)})"
            : text;
    }

    private static string List(double[] values) =>
        string.Join(", ", values.Select(value => value.ToString("0.####", CultureInfo.InvariantCulture)));
}
