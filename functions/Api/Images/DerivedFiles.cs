using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Images;

/// <summary>Files that were made from an image and live as long as its record.</summary>
public sealed record DerivedFiles
{
    /// <summary>Oldest first.</summary>
    public IReadOnlyList<AugmentedSet> Augmented { get; init; } = [];

    /// <summary>The tumour's surface; null until it was asked for.</summary>
    public SurfaceFiles? Surface { get; init; }

    /// <summary>Names of all these blobs of an image with this key.</summary>
    public IEnumerable<string> Names(string blobKey) =>
    [
        .. Augmented.SelectMany(set => set.Names(blobKey)),
        .. Surface is { } surface ? (string[])[surface.ModelFilename, surface.TextureFilename] : [],
    ];
}

/// <summary>The samples of one augmentation.</summary>
/// <param name="Count">Samples, numbered from 1.</param>
/// <param name="HasMasks">Whether each has a mask beside it.</param>
public sealed record AugmentedSet(string Key, int Count, bool HasMasks)
{
    public string ImageName(string blobKey, int number) => $"{blobKey}_aug_{Key}_{number}.png";

    public string MaskName(string blobKey, int number) => $"{blobKey}_aug_{Key}_{number}_mask.png";

    public IEnumerable<string> Names(string blobKey) => Enumerable.Range(1, Count).SelectMany(number =>
        HasMasks ? (string[])[ImageName(blobKey, number), MaskName(blobKey, number)] : [ImageName(blobKey, number)]);
}

/// <summary>A surface and what it was made from, so that it is made anew when that has changed.</summary>
/// <param name="Spacing">x, y and z in mm.</param>
public sealed record SurfaceFiles(
    string ModelFilename, string TextureFilename, string MaskVersion, double[] Spacing, int Vertices, int Triangles)
{
    public bool IsOf(string maskVersion, double[] spacing) => MaskVersion == maskVersion && Spacing.AsSpan().SequenceEqual(spacing);
}

/// <summary>Puts derived files on an image's record.</summary>
public sealed class DerivedFileStore(ImageStore images, ImageFiles files)
{
    /// <summary>
    /// Changes which derived files the record names. Files that it names no longer are deleted; so are those just written, where the
    /// record is gone or has not taken them.
    /// </summary>
    /// <exception cref="NotFoundException">The image was deleted meanwhile.</exception>
    public async Task<ImageRecord> KeepAsync(
        int imageId, IReadOnlyCollection<string> written, Func<DerivedFiles, DerivedFiles> change, CancellationToken cancellationToken)
    {
        try
        {
            var (before, after) = await images.ChangeAsync(
                imageId, image => image with { Derived = change(image.Derived) }, cancellationToken)
                ?? throw new NotFoundException("影像不存在");
            await files.TryDeleteAsync(before.BlobNames.Concat(written).Except(after.BlobNames));
            return after;
        }
        catch
        {
            await files.TryDeleteAsync(written);
            throw;
        }
    }
}
