using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Masks;

/// <summary>The blobs of masks.</summary>
public sealed class MaskStore(ImageFiles files)
{
    /// <summary>A kept mask on the array of its image's file.</summary>
    /// <exception cref="NotFoundException">Another mask took its place since the record was read.</exception>
    public Task<Mask> ReadAsync(MeasuredMask mask, CancellationToken cancellationToken) => ReadAsync(
        mask.VolumeFilename, stream => ImageReader.ReadMask(stream, ImageLimits.Default, cancellationToken).Mask, cancellationToken);

    public Task<BlobContent> OpenAsync(string blobName, CancellationToken cancellationToken) =>
        Found(() => files.OpenAsync(blobName, cancellationToken));

    /// <summary>Writes a mask's blobs, then lets the record name them; where that fails they are gone again.</summary>
    public async Task<T> WithAsync<T>(ImageRecord image, DrawnMask drawn, Func<Task<T>> save, CancellationToken cancellationToken)
    {
        using var hold = files.Hold(image.BlobKey);
        var recomputable = drawn.Measured.Source == MeasuredMask.Model;
        try
        {
            // Whichever fails, the other has ended before the blobs are deleted.
            await Task.WhenAll(
                Task.Run(() => WriteSliceAsync(image, drawn, recomputable, cancellationToken), CancellationToken.None),
                WriteVolumeAsync(image, drawn, recomputable, cancellationToken));
            return await save();
        }
        catch
        {
            await files.TryDeleteAsync(drawn.Measured.BlobNames);
            throw;
        }
    }

    private async Task WriteSliceAsync(ImageRecord image, DrawnMask drawn, bool recomputable, CancellationToken cancellationToken)
    {
        using var png = new MemoryStream(drawn.Png, writable: false);
        await files.WriteAsync(image.ImageId, drawn.Measured.SliceFilename, "image/png", png, cancellationToken, recomputable);
    }

    private async Task WriteVolumeAsync(ImageRecord image, DrawnMask drawn, bool recomputable, CancellationToken cancellationToken)
    {
        using var nifti = new MemoryStream();
        NiftiWriter.Write(nifti, drawn.Mask, drawn.Geometry);
        nifti.Position = 0;
        await files.WriteAsync(image.ImageId, drawn.Measured.VolumeFilename, "application/gzip", nifti, cancellationToken, recomputable);
    }

    /// <summary>Deletes the blobs of a mask that no record names.</summary>
    public Task DropAsync(MeasuredMask mask) => files.TryDeleteAsync(mask.BlobNames);

    /// <summary>Deletes the blobs that a record named before a change and does not name after it.</summary>
    public async Task DropReplacedAsync(ImageRecord before, ImageRecord after)
    {
        await files.TryDeleteAsync(before.BlobNames.Except(after.BlobNames).ToArray());
        if (before.Mask is { } old && old.Version != after.Mask?.Version)
        {
            await files.TryDeleteAllAsync(before.DerivedPrefix(old));
        }
    }

    private Task<T> ReadAsync<T>(string blobName, Func<Stream, T> read, CancellationToken cancellationToken) => Found(async () =>
    {
        await using var blob = await files.OpenAsync(blobName, cancellationToken);
        return read(blob.Stream);
    });

    private static async Task<T> Found<T>(Func<Task<T>> open)
    {
        try
        {
            return await open();
        }
        catch (BlobNotFoundException)
        {
            // Deleted or replaced between the read of the record and now.
            throw new NotFoundException("影像不存在");
        }
    }
}
