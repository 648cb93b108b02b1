using System.Numerics;
using System.Text;
using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Surgery;

/// <summary>Writes surfaces as Wavefront OBJ with texture coordinates and normals, in small pieces, so that size does not matter.</summary>
public static class ObjWriter
{
    /// <param name="destination">Left open.</param>
    /// <param name="comments">Lines for the head of the file; control characters become blanks.</param>
    public static void Write(
        Stream destination, TriangleMesh mesh, SurfaceTexture texture, IEnumerable<string> comments, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentNullException.ThrowIfNull(texture);
        Vector3[] normals = TumourSurface.Normals(mesh);
        using ObjText text = new(destination, cancellation);
        foreach (string comment in comments)
            text.Line($"# {new string([.. comment.Select(c => char.IsControl(c) ? ' ' : c)])}");
        text.Line("o tumor");
        foreach (Vector3 vertex in mesh.Vertices)
            text.Numbers("v"u8, vertex.X, vertex.Y, vertex.Z);
        foreach (Vector3 normal in normals)
            text.Numbers("vn"u8, normal.X, normal.Y, normal.Z);

        byte[] views = Views(mesh);
        int[] coordinates = WriteCoordinates(text, mesh, texture, views);
        for (int t = 0; t < mesh.Indices.Length; t += 3)
        {
            text.StartFace();
            for (int corner = t; corner < t + 3; corner++)
            {
                int vertex = mesh.Indices[corner];
                text.Corner(vertex + 1, coordinates[(vertex * SurfaceTexture.Views) + views[t / 3]]);
            }

            text.EndLine();
        }
    }

    private static byte[] Views(TriangleMesh mesh)
    {
        byte[] views = new byte[mesh.TriangleCount];
        for (int t = 0; t < views.Length; t++)
        {
            Vector3 a = mesh.Vertices[mesh.Indices[3 * t]];
            Vector3 b = mesh.Vertices[mesh.Indices[(3 * t) + 1]], c = mesh.Vertices[mesh.Indices[(3 * t) + 2]];
            views[t] = (byte)SurfaceTexture.ViewOf(Vector3.Cross(b - a, c - a));
        }

        return views;
    }

    /// <summary>One vt for every vertex in every view that it is used in; their numbers by vertex and view.</summary>
    private static int[] WriteCoordinates(ObjText text, TriangleMesh mesh, SurfaceTexture texture, byte[] views)
    {
        int[] numbers = new int[checked(mesh.Vertices.Length * SurfaceTexture.Views)];
        int count = 0;
        for (int i = 0; i < mesh.Indices.Length; i++)
        {
            int view = views[i / 3];
            ref int number = ref numbers[(mesh.Indices[i] * SurfaceTexture.Views) + view];
            if (number > 0)
                continue;
            number = ++count;
            (double u, double v) = texture.Map(mesh.Vertices[mesh.Indices[i]], view);
            text.Numbers("vt"u8, u, v);
        }

        return numbers;
    }

    /// <summary>Text in a buffer that is handed on when full.</summary>
    private sealed class ObjText(Stream destination, CancellationToken cancellation) : IDisposable
    {
        private const int Room = 256;
        private const int Decimals = 100_000;

        private readonly byte[] _buffer = new byte[1 << 16];
        private int _length;

        public void Line(string line)
        {
            Flush();
            destination.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }

        public void Numbers(ReadOnlySpan<byte> keyword, params ReadOnlySpan<double> numbers)
        {
            Reserve();
            keyword.CopyTo(_buffer.AsSpan(_length));
            _length += keyword.Length;
            foreach (double number in numbers)
            {
                _buffer[_length++] = (byte)' ';
                Number(number);
            }

            EndLine();
        }

        public void StartFace()
        {
            Reserve();
            _buffer[_length++] = (byte)'f';
        }

        /// <summary>A corner whose vertex and normal have the same number.</summary>
        public void Corner(int vertex, int coordinate)
        {
            _buffer[_length++] = (byte)' ';
            int start = _length;
            Whole(vertex);
            int end = _length;
            _buffer[_length++] = (byte)'/';
            Whole(coordinate);
            _buffer[_length++] = (byte)'/';
            _buffer.AsSpan(start, end - start).CopyTo(_buffer.AsSpan(_length));
            _length += end - start;
        }

        public void EndLine() => _buffer[_length++] = (byte)'\n';

        public void Dispose() => Flush();

        // Five decimals: a hundredth of a micrometre.
        private void Number(double value)
        {
            long scaled = (long)Math.Round(value * Decimals);
            if (scaled < 0)
            {
                _buffer[_length++] = (byte)'-';
                scaled = -scaled;
            }

            Whole(scaled / Decimals);
            _buffer[_length++] = (byte)'.';
            long rest = scaled % Decimals;
            for (int unit = Decimals / 10; unit > 0; unit /= 10)
                _buffer[_length++] = (byte)('0' + (rest / unit % 10));
        }

        private void Whole(long value)
        {
            value.TryFormat(_buffer.AsSpan(_length), out int written, default, System.Globalization.CultureInfo.InvariantCulture);
            _length += written;
        }

        private void Reserve()
        {
            if (_length + Room > _buffer.Length)
                Flush();
        }

        private void Flush()
        {
            cancellation.ThrowIfCancellationRequested();
            destination.Write(_buffer.AsSpan(0, _length));
            _length = 0;
        }
    }
}
