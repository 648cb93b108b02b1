using System.Buffers.Binary;
using System.Text;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>Writes small ONNX models: the few messages of onnx.proto that a graph of standard operators needs.</summary>
public sealed class OnnxWriter
{
    public const int F32 = 1, I64 = 7, Flag = 9, F16 = 10;

    private readonly ProtobufWriter _nodes = new();
    private readonly ProtobufWriter _initializers = new();
    private readonly ProtobufWriter _inputs = new();
    private readonly ProtobufWriter _outputs = new();
    private readonly ProtobufWriter _properties = new();
    private readonly ProtobufWriter _graphExtras = new();

    /// <param name="dims">A number, or a name for an axis of any length.</param>
    public OnnxWriter Input(string name, int type, params object[] dims)
    {
        _inputs.Message(11, ValueInfo(name, type, dims));
        return this;
    }

    public OnnxWriter Output(string name, int type, params object[] dims)
    {
        _outputs.Message(12, ValueInfo(name, type, dims));
        return this;
    }

    public OnnxWriter Constant(string name, float[] values, params long[] dims)
    {
        var raw = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * 4), values[i]);
        return Tensor(name, F32, raw, dims);
    }

    public OnnxWriter Constant(string name, long[] values, params long[] dims)
    {
        var raw = new byte[values.Length * 8];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * 8), values[i]);
        return Tensor(name, I64, raw, dims);
    }

    public OnnxWriter Tensor(string name, int type, byte[] raw, params long[] dims)
    {
        _initializers.Message(5, TensorMessage(name, type, raw, dims));
        return this;
    }

    public static ProtobufWriter TensorMessage(string name, int type, byte[]? raw, params long[] dims)
    {
        var tensor = new ProtobufWriter();
        foreach (var dim in dims)
            tensor.Number(1, dim);
        tensor.Number(2, type);
        tensor.Text(8, name);
        if (raw is not null)
            tensor.Bytes(9, raw);
        return tensor;
    }

    /// <summary>A tensor whose values lie in another file.</summary>
    public OnnxWriter ExternalTensor(string name, string location, params long[] dims)
    {
        var entry = new ProtobufWriter();
        entry.Text(1, "location");
        entry.Text(2, location);
        var tensor = new ProtobufWriter();
        foreach (var dim in dims)
            tensor.Number(1, dim);
        tensor.Number(2, F32);
        tensor.Text(8, name);
        tensor.Message(13, entry);
        tensor.Number(14, 1);
        _initializers.Message(5, tensor);
        return this;
    }

    public OnnxWriter Node(string op, string[] inputs, string output, params (string Name, object Value)[] attributes) =>
        Node("", op, inputs, output, attributes);

    public OnnxWriter Node(string domain, string op, string[] inputs, string output, params (string Name, object Value)[] attributes)
    {
        var node = new ProtobufWriter();
        foreach (var input in inputs)
            node.Text(1, input);
        node.Text(2, output);
        node.Text(4, op);
        foreach (var (name, value) in attributes)
            node.Message(5, Attribute(name, value));
        node.Text(7, domain);
        _nodes.Message(1, node);
        return this;
    }

    /// <summary>Any other field of the graph.</summary>
    public OnnxWriter GraphField(int field, ProtobufWriter message)
    {
        _graphExtras.Message(field, message);
        return this;
    }

    /// <summary>Any other field of the model.</summary>
    public OnnxWriter ModelField(int field, ProtobufWriter message)
    {
        _properties.Message(field, message);
        return this;
    }

    public OnnxWriter Property(string key, string value)
    {
        var entry = new ProtobufWriter();
        entry.Text(1, key);
        entry.Text(2, value);
        _properties.Message(14, entry);
        return this;
    }

    public ProtobufWriter Graph()
    {
        var graph = new ProtobufWriter();
        graph.Append(_nodes);
        graph.Text(2, "graph");
        graph.Append(_initializers);
        graph.Append(_inputs);
        graph.Append(_outputs);
        graph.Append(_graphExtras);
        return graph;
    }

    public byte[] ToArray(int opset = 17)
    {
        var graph = Graph();
        var operators = new ProtobufWriter();
        operators.Text(1, "");
        operators.Number(2, opset);
        var model = new ProtobufWriter();
        model.Number(1, 8);
        model.Message(7, graph);
        model.Message(8, operators);
        model.Append(_properties);
        return model.ToArray();
    }

    private static ProtobufWriter Attribute(string name, object value)
    {
        var attribute = new ProtobufWriter();
        attribute.Text(1, name);
        switch (value)
        {
            case long number:
                attribute.Number(3, number);
                attribute.Number(20, 2);
                break;
            case long[] numbers:
                foreach (var number in numbers)
                    attribute.Number(8, number);
                attribute.Number(20, 7);
                break;
            case string text:
                attribute.Text(4, text);
                attribute.Number(20, 3);
                break;
            case OnnxWriter body:
                attribute.Message(6, body.Graph());
                attribute.Number(20, 5);
                break;
            case ProtobufWriter[] tensors:
                foreach (var tensor in tensors)
                    attribute.Message(5, tensor);
                attribute.Number(20, 4);
                break;
            default:
                throw new NotSupportedException(value.GetType().Name);
        }

        return attribute;
    }

    private static ProtobufWriter ValueInfo(string name, int type, object[] dims)
    {
        var shape = new ProtobufWriter();
        foreach (var dim in dims)
        {
            var dimension = new ProtobufWriter();
            if (dim is string symbol)
                dimension.Text(2, symbol);
            else
                dimension.Number(1, Convert.ToInt64(dim, System.Globalization.CultureInfo.InvariantCulture));
            shape.Message(1, dimension);
        }

        var tensor = new ProtobufWriter();
        tensor.Number(1, type);
        tensor.Message(2, shape);
        var typeProto = new ProtobufWriter();
        typeProto.Message(1, tensor);
        var info = new ProtobufWriter();
        info.Text(1, name);
        info.Message(2, typeProto);
        return info;
    }

    public sealed class ProtobufWriter
    {
        private readonly List<byte> _bytes = [];

        public void Number(int field, long value)
        {
            Varint((ulong)field << 3);
            Varint((ulong)value);
        }

        public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public void Message(int field, ProtobufWriter message) => Bytes(field, message.ToArray());

        public void Bytes(int field, byte[] value)
        {
            Varint(((ulong)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.AddRange(value);
        }

        public void Append(ProtobufWriter other) => _bytes.AddRange(other._bytes);

        public byte[] ToArray() => [.. _bytes];

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _bytes.Add((byte)(value | 0x80));
            _bytes.Add((byte)value);
        }
    }
}
