using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;
using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Api.Preop;

/// <summary>The surface of an image's tumour as OBJ with a texture, made when first asked for and again when mask or spacing changed.</summary>
public sealed class SurfaceService(
    ImageService images,
    ImageDecoder decoder,
    ImageFiles files,
    DerivedFileStore derived,
    MaskInForce masks,
    ILogger<SurfaceService> logger)
{
    public async Task<SurfaceAnswer> LoadAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var imageId = RequestFields.FromQuery(request, "image_id").WholeNumber("image_id", 1, int.MaxValue)
            ?? throw new ValidationException("缺少参数 image_id");
        var record = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        var volume = await decoder.DecodeAsync(record, cancellationToken);
        var spacing = SpacingChoice.For(volume.Geometry, record.Facts);
        var surface = await EnsureAsync(record, volume, cancellationToken);
        double[] lengths = [spacing.Voxel.X, spacing.Voxel.Y, spacing.Voxel.Z];

        List<string> notes = [.. volume.Notes, .. spacing.Notes];
        if (spacing.SliceThickness is null)
        {
            notes.Add("层厚未知，模型沿层方向按 1 mm 生成，仅供显示");
        }

        return new SurfaceAnswer(
            "3D模型加载成功",
            $"/data/models/{surface.ModelFilename}",
            $"/data/textures/{surface.TextureFilename}",
            surface.Vertices,
            surface.Triangles,
            lengths,
            spacing.Source,
            spacing.SliceThickness is null,
            notes);
    }

    /// <summary>The surface of the mask in force, made where there is none of it yet.</summary>
    /// <exception cref="MissingMaskException">The record has no mask that holds a tumour.</exception>
    /// <exception cref="NotFoundException">The image was deleted meanwhile.</exception>
    public async Task<SurfaceFiles> EnsureAsync(ImageRecord record, Volume volume, CancellationToken cancellationToken)
    {
        var mask = await masks.RequireAsync(record, cancellationToken);
        var spacing = SpacingChoice.For(volume.Geometry, record.Facts);
        double[] lengths = [spacing.Voxel.X, spacing.Voxel.Y, spacing.Voxel.Z];
        if (record.Derived.Surface is { } known && known.IsOf(mask.Version, lengths))
        {
            return known;
        }

        using var hold = files.Hold(record.BlobKey);
        var made = await MakeAsync(record, volume, mask, spacing.Voxel, cancellationToken);
        // Another request may have made the same meanwhile, and its addresses may already be in use.
        var kept = await derived.KeepAsync(
            record.ImageId,
            [made.ModelFilename, made.TextureFilename],
            now => now.Surface?.IsOf(mask.Version, lengths) == true ? now : now with { Surface = made },
            cancellationToken);
        return kept.Derived.Surface!;
    }

    private async Task<SurfaceFiles> MakeAsync(
        ImageRecord record, Volume volume, ChosenMask mask, VoxelSpacing spacing, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var mesh = TumourSurface.Build(mask.Mask, spacing);
        var texture = SurfaceTexture.Create(volume, mask.Mask, spacing);
        var key = Guid.NewGuid().ToString("N");
        var made = new SurfaceFiles(
            $"{record.BlobKey}_3d_model_{key}.obj",
            $"{record.BlobKey}_texture_{key}.png",
            mask.Version,
            [spacing.X, spacing.Y, spacing.Z],
            mesh.Vertices.Length,
            mesh.TriangleCount);
        try
        {
            using var png = new MemoryStream();
            PngWriter.Write(png, texture.Pixels, texture.Width, texture.Height);
            png.Position = 0;
            await files.WriteAsync(record.ImageId, made.TextureFilename, "image/png", png, cancellationToken, recomputable: true);
            await WriteModelAsync(record, made.ModelFilename, mesh, texture, Comments(record, spacing), cancellationToken);
        }
        catch
        {
            await files.TryDeleteAsync(made.ModelFilename, made.TextureFilename);
            throw;
        }

        logger.SurfaceBuilt(record.ImageId, mesh.TriangleCount, clock.ElapsedMilliseconds);
        return made;
    }

    private async Task WriteModelAsync(
        ImageRecord record, string name, TriangleMesh mesh, SurfaceTexture texture, string[] comments, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var writing = Task.Run(
            () =>
            {
                Exception? failure = null;
                try
                {
                    using var stream = pipe.Writer.AsStream(leaveOpen: true);
                    ObjWriter.Write(stream, mesh, texture, comments, cancellationToken);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }

                pipe.Writer.Complete(failure);
            },
            CancellationToken.None);
        try
        {
            await files.WriteAsync(record.ImageId, name, "model/obj", pipe.Reader.AsStream(leaveOpen: true), cancellationToken, recomputable: true);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await writing;
        }
    }

    private static string[] Comments(ImageRecord record, VoxelSpacing spacing) =>
    [
        $"tumour surface of image {record.ImageId}; not for clinical use",
        "unit mm; x along the image's rows, y down its columns, z through its slices; origin at the centre of the first voxel",
        string.Create(CultureInfo.InvariantCulture, $"spacing {spacing.X} {spacing.Y} {spacing.Z}"),
        "vt: six views of the tumour in the texture, rows x y z from the top, low side left, high side right",
    ];
}
