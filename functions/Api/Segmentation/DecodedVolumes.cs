using Microsoft.Extensions.Options;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Segmentation;

/// <summary>
/// Decodes an image once for the steps of a job that follow each other closely, if they run in this process. Holds a bounded number of
/// bytes, and each image only until a while after its last use.
/// </summary>
public sealed class DecodedVolumes : IDisposable
{
    private readonly ImageDecoder _decoder;
    private readonly JobOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public DecodedVolumes(ImageDecoder decoder, IOptions<JobOptions> options, TimeProvider time)
    {
        _decoder = decoder;
        _options = options.Value;
        _time = time;
        var lifetime = TimeSpan.FromSeconds(_options.DecodedCacheSeconds);
        _timer = time.CreateTimer(_ => DropStale(lifetime), null, lifetime, lifetime);
    }

    /// <inheritdoc cref="ImageDecoder.DecodeAsync"/>
    public async Task<Volume> GetAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        Task<Volume> decoding;
        lock (_entries)
        {
            if (!_entries.TryGetValue(image.Filename, out var entry))
            {
                entry = new Entry(Task.Run(() => _decoder.DecodeAsync(image, CancellationToken.None), CancellationToken.None));
                _entries.Add(image.Filename, entry);
            }

            entry.LastUse = _time.GetUtcNow();
            decoding = entry.Decoding;
        }

        try
        {
            var volume = await decoding.WaitAsync(cancellationToken);
            KeepToBudget(image.Filename);
            return volume;
        }
        catch when (decoding.IsFaulted)
        {
            Forget(image.Filename);
            throw;
        }
    }

    public void Forget(string filename)
    {
        lock (_entries)
        {
            _entries.Remove(filename);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void DropStale(TimeSpan lifetime)
    {
        lock (_entries)
        {
            var limit = _time.GetUtcNow() - lifetime;
            foreach (var (filename, _) in _entries.Where(pair => pair.Value.LastUse < limit).ToArray())
            {
                _entries.Remove(filename);
            }
        }
    }

    // The one in use goes last, and goes too where it alone is more than may be kept.
    private void KeepToBudget(string inUse)
    {
        lock (_entries)
        {
            var bytes = _entries.Values.Sum(entry => entry.Bytes);
            foreach (var (filename, entry) in _entries.OrderBy(pair => pair.Key == inUse).ThenBy(pair => pair.Value.LastUse).ToArray())
            {
                if (bytes <= _options.DecodedCacheBytes)
                {
                    return;
                }

                _entries.Remove(filename);
                bytes -= entry.Bytes;
            }
        }
    }

    private sealed class Entry(Task<Volume> decoding)
    {
        public Task<Volume> Decoding => decoding;

        public DateTimeOffset LastUse { get; set; }

        public long Bytes => decoding.IsCompletedSuccessfully ? decoding.Result.Voxels.Length * (long)sizeof(float) : 0;
    }
}
