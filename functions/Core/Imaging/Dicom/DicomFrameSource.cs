namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Yields the stored bytes of one frame after the other.</summary>
internal abstract class DicomFrameSource
{
    public static DicomFrameSource Open(DicomHeader header, DicomPixelLayout layout)
    {
        bool isEncapsulated = header.Pixels!.Length is null;
        if (!isEncapsulated && header.Syntax.Codec != DicomCodec.Native)
            throw Refusal.Corrupt($"The pixel data of the DICOM file is not encapsulated, as {header.Syntax.Name} asks for.");

        return isEncapsulated
            ? new FragmentedFrames(header.Input, header.Syntax.Codec, layout)
            : new NativeFrames(header.Input, header.Pixels.Length!.Value, layout);
    }

    /// <summary>The next frame's bytes; valid until the next call.</summary>
    public abstract ArraySegment<byte> Next();

    /// <summary>Passes over the next frame.</summary>
    public virtual void Skip() => Next();

    /// <summary>Frames of equal size one behind the other. Frames of single bits need not start with a byte.</summary>
    private sealed class NativeFrames : DicomFrameSource
    {
        private readonly DicomInput _input;
        private readonly long _frameBits;
        private readonly byte[] _frame;
        private int _bit;

        public NativeFrames(DicomInput input, long length, DicomPixelLayout layout)
        {
            _input = input;
            _frameBits = layout.FrameBits;
            long needed = ((_frameBits * layout.Frames) + 7) / 8;
            if (needed > length || needed > input.Remaining)
            {
                throw Refusal.Corrupt(
                    $"The pixel data of the DICOM file is truncated: {layout.Frames} frames take {needed} bytes, {Math.Min(length, input.Remaining)} are there.");
            }

            // A word's worth of room to swap an odd last byte.
            long frameBytes = ((_frameBits + 7) / 8) + 2;
            if (frameBytes > Array.MaxLength)
                throw Refusal.TooLarge($"A frame of the DICOM file takes {frameBytes} bytes, more than can be read at once.");
            _frame = new byte[frameBytes];
            Length = length;
        }

        private long Length { get; }

        public override ArraySegment<byte> Next()
        {
            if (_frameBits % 8 == 0)
            {
                int whole = (int)(_frameBits / 8);
                _input.Read(_frame.AsSpan(0, whole));
                return new ArraySegment<byte>(_frame, 0, whole);
            }

            return NextOfBits();
        }

        public override void Skip()
        {
            if (_frameBits % 8 == 0)
                _input.Skip(_frameBits / 8);
            else
                Next();
        }

        // Bits count from the least significant on; the byte that two frames share is kept for the second.
        private ArraySegment<byte> NextOfBits()
        {
            int bytes = (int)((_frameBits + 7) / 8);
            byte shared = _bit > 0 ? _frame[bytes] : (byte)0;
            long end = _bit + _frameBits;
            Span<byte> stored = new byte[(end + 7) / 8];
            int fresh = _bit > 0 ? 1 : 0;
            stored[0] = shared;
            _input.Read(stored[fresh..]);
            for (int i = 0; i < bytes; i++)
            {
                int next = i + 1 < stored.Length ? stored[i + 1] : 0;
                _frame[i] = (byte)((stored[i] | (next << 8)) >> _bit);
            }

            _bit = (int)(end % 8);
            _frame[bytes] = stored[^1];
            return new ArraySegment<byte>(_frame, 0, bytes);
        }
    }

    /// <summary>
    /// Fragments of encapsulated pixel data (PS3.5, A.4). A frame of JPEG begins with the marker of its stream; of other codecs
    /// it is a fragment; a single frame is all of them. The offset table, which writers get wrong, is not needed.
    /// </summary>
    private sealed class FragmentedFrames : DicomFrameSource
    {
        private const int Block = 1 << 20;

        private readonly DicomInput _input;
        private readonly bool _hasMarker;
        private readonly bool _isSingle;
        private byte[]? _pending;
        private bool _started;

        public FragmentedFrames(DicomInput input, DicomCodec codec, DicomPixelLayout layout)
        {
            // What a byte can hold at most: runs of 128 from two bytes, eight blocks of 64 pixels, eight runs of 2^15.
            long growth = codec switch
            {
                DicomCodec.Native => 1,
                DicomCodec.Rle => 64,
                DicomCodec.Jpeg => 8 * 64,
                _ => 8 * (1 << 15),
            };
            long pixels = (long)layout.Pixels * layout.Frames;
            if (pixels / 8 / growth > input.Remaining)
                throw Refusal.Corrupt($"The pixel data of the DICOM file is truncated: {input.Remaining} bytes cannot hold {pixels} pixels.");

            _input = input;
            _hasMarker = codec is DicomCodec.Jpeg or DicomCodec.JpegLs;
            _isSingle = layout.Frames == 1;
        }

        public override ArraySegment<byte> Next()
        {
            if (!_started)
            {
                _started = true;
                if (NextFragment() is null)
                    throw Refusal.Corrupt("The encapsulated pixel data of the DICOM file lacks its offset table.");
                _pending = NextFragment();
            }

            byte[] frame = _pending ?? throw Refusal.Corrupt("The pixel data of the DICOM file has fewer frames than it states.");
            _pending = NextFragment();
            if (_pending is null || !Continues(_pending))
                return frame;

            MemoryStream joined = new();
            joined.Write(frame);
            for (; _pending is not null && Continues(_pending); _pending = NextFragment())
                joined.Write(_pending);
            return new ArraySegment<byte>(joined.GetBuffer(), 0, (int)joined.Length);
        }

        private bool Continues(byte[] fragment) => _isSingle || (_hasMarker && fragment is not [0xFF, 0xD8, ..]);

        // Null at the end of the sequence, or of the file: what is missing shows when it is decoded.
        private byte[]? NextFragment()
        {
            if (_input.IsAtEnd)
                return null;

            uint tag = _input.ReadTag();
            uint length = _input.ReadUInt32();
            if (tag == DicomTag.SequenceEnd)
                return null;
            if (tag != DicomTag.Item || length > _input.Remaining)
                throw Refusal.Corrupt("A fragment of the pixel data of the DICOM file is truncated or damaged.");

            byte[] fragment = new byte[Math.Min(length, Block)];
            _input.Read(fragment);
            while (fragment.Length < length)
            {
                // Grown as data arrives: in a deflated stream the length is only a promise.
                int read = fragment.Length;
                Array.Resize(ref fragment, (int)Math.Min(length, Math.Min(2L * read, Array.MaxLength)));
                _input.Read(fragment.AsSpan(read));
                if (fragment.Length == Array.MaxLength)
                    throw Refusal.TooLarge("A fragment of the pixel data of the DICOM file is larger than can be read at once.");
            }

            return fragment;
        }
    }
}
