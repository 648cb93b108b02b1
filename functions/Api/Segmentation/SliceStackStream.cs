using TumorFunctions.Api.Http;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Segmentation;

/// <summary>The slices of a volume as they are shown, in 8-bit grey, one after the other; one is held at a time.</summary>
public sealed class SliceStackStream : ReadOnlyStream
{
    private readonly Volume _volume;
    private readonly AnatomicalAxes _axes;
    private readonly DisplayWindow _window;
    private readonly byte[] _slice;
    private int _next;
    private int _given;

    public SliceStackStream(Volume volume, AnatomicalAxes axes)
    {
        _volume = volume;
        _axes = axes;
        _window = Greyscale.ChooseWindow(volume);
        _slice = new byte[axes.Size.Width * axes.Size.Height];
        _given = _slice.Length;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_given == _slice.Length)
        {
            if (_next == _axes.Size.Depth)
            {
                return 0;
            }

            SliceAnalyzer.Show(_volume, _axes, _next, _window, _slice);
            _next++;
            _given = 0;
        }

        var count = Math.Min(buffer.Length, _slice.Length - _given);
        _slice.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }
}
