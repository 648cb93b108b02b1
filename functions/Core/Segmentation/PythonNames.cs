using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Reads the class names that exporters write as the text of a Python dict, {0: 'tumor', 1: "it's"}, or list, ['tumor'].
/// Only string literals and whole-number keys are understood; nothing is evaluated.
/// </summary>
internal ref struct PythonNames
{
    private const int MaxNames = 10_000;

    private readonly ReadOnlySpan<char> _text;
    private int _position;

    private PythonNames(ReadOnlySpan<char> text) => _text = text;

    /// <summary>The names in the order of their keys, which must run from 0 without a gap.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out string[]? names)
    {
        var parser = new PythonNames(text);
        var byKey = new SortedDictionary<int, string>();
        names = null;
        if (!parser.ReadAll(byKey) || byKey.Count == 0 || byKey.Keys.Last() != byKey.Count - 1)
            return false;
        names = [.. byKey.Values];
        return true;
    }

    private bool ReadAll(SortedDictionary<int, string> names)
    {
        var isDict = Take('{');
        if (!isDict && !Take('[') && !Take('('))
            return false;
        for (var i = 0; i <= MaxNames; i++)
        {
            if (Take('}') || Take(']') || Take(')'))
                return AtEnd();
            var key = i;
            if ((isDict && !(ReadKey(out key) && Take(':'))) || !ReadString(out var name) || !names.TryAdd(key, name))
                return false;
            if (!Take(',') && Peek() is not ('}' or ']' or ')'))
                return false;
        }

        return false;
    }

    private bool ReadKey(out int key)
    {
        var quote = Peek();
        var quoted = quote is '\'' or '"' && Take(quote);
        Peek();
        var start = _position;
        while (_position < _text.Length && char.IsAsciiDigit(_text[_position]))
            _position++;
        return int.TryParse(_text[start.._position], NumberStyles.None, CultureInfo.InvariantCulture, out key) && (!quoted || Take(quote));
    }

    private bool ReadString(out string value)
    {
        value = "";
        var quote = Peek();
        if (quote is not ('\'' or '"'))
            return false;
        _position++;
        var builder = new StringBuilder();
        while (_position < _text.Length)
        {
            var c = _text[_position++];
            if (c == quote)
            {
                value = builder.ToString();
                return true;
            }

            if (c != '\\')
                builder.Append(c);
            else if (!ReadEscape(builder))
                return false;
        }

        return false;
    }

    private bool ReadEscape(StringBuilder builder)
    {
        if (_position == _text.Length)
            return false;
        var c = _text[_position++];
        switch (c)
        {
            case '\\' or '\'' or '"':
                builder.Append(c);
                return true;
            case 'n':
                builder.Append('\n');
                return true;
            case 't':
                builder.Append('\t');
                return true;
            case 'x':
                return ReadCode(2, builder);
            case 'u':
                return ReadCode(4, builder);
            default:
                return false;
        }
    }

    private bool ReadCode(int digits, StringBuilder builder)
    {
        if (_position + digits > _text.Length ||
            !ushort.TryParse(_text.Slice(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            return false;
        }

        builder.Append((char)code);
        _position += digits;
        return true;
    }

    private char Peek()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
            _position++;
        return _position < _text.Length ? _text[_position] : '\0';
    }

    private bool Take(char c)
    {
        if (Peek() != c || _position >= _text.Length)
            return false;
        _position++;
        return true;
    }

    private bool AtEnd()
    {
        Peek();
        return _position == _text.Length;
    }
}
