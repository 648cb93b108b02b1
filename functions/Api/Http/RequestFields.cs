using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace TumorFunctions.Api.Http;

/// <summary>
/// The named values of a request (JSON object or form), read strictly: unknown and doubled names, wrong types and values out of range
/// are refused by a <see cref="ValidationException"/> that names the field. A JSON null counts as given (<see cref="Has"/>) and empty.
/// </summary>
public sealed class RequestFields
{
    private const long MaxJsonBytes = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    private readonly Dictionary<string, JsonElement> _values;
    private readonly bool _fromText;

    private RequestFields(Dictionary<string, JsonElement> values, bool fromText, IReadOnlyCollection<string> known)
    {
        _values = values;
        _fromText = fromText;
        if (values.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new ValidationException($"未知字段 {Quote(unknown)}", $"可用字段: {string.Join(", ", known)}");
        }
    }

    /// <summary>Reads the body as one JSON object; an empty body is an object without fields.</summary>
    /// <exception cref="MalformedBodyException">The body is not JSON, or not an object.</exception>
    /// <exception cref="TooLargeException">The body is longer than <paramref name="maxBytes"/>.</exception>
    public static async Task<RequestFields> ReadJsonAsync(
        HttpRequest request, IReadOnlyCollection<string> known, long maxBytes = MaxJsonBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            throw BodyTooLarge(maxBytes);
        }

        using var buffer = new MemoryStream();
        var body = new LimitedStream(request.Body, maxBytes, () => BodyTooLarge(maxBytes));
        await body.CopyToAsync(buffer, request.HttpContext.RequestAborted);
        if (buffer.Length == 0)
        {
            return new RequestFields([], fromText: false, known);
        }

        try
        {
            using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new MalformedBodyException("请求体必须是 JSON 对象");
            }

            var values = document.RootElement.EnumerateObject()
                .ToDictionary(property => property.Name, property => property.Value.Clone(), StringComparer.Ordinal);
            return new RequestFields(values, fromText: false, known);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new MalformedBodyException("请求体不是有效的 JSON", exception);
        }
    }

    /// <summary>Form fields: numbers and booleans are read from their text, and an empty text is a field left empty.</summary>
    public static RequestFields FromForm(IReadOnlyDictionary<string, string> form, IReadOnlyCollection<string> known) => new(
        form.Where(field => field.Value.Length > 0)
            .ToDictionary(field => field.Key, field => JsonSerializer.SerializeToElement(field.Value), StringComparer.Ordinal),
        fromText: true,
        known);

    /// <summary>Query parameters; those not asked for are ignored, as caches and front ends add their own.</summary>
    public static RequestFields FromQuery(HttpRequest request, params string[] names)
    {
        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var given = request.Query[name];
            if (given.Count > 1)
            {
                throw new ValidationException($"参数 {name} 只能出现一次");
            }

            if (!string.IsNullOrEmpty(given))
            {
                values[name] = JsonSerializer.SerializeToElement(given.ToString());
            }
        }

        return new RequestFields(values, fromText: true, names);
    }

    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Text, trimmed, without control characters; null when absent, null or blank.</summary>
    public string? Text(string name, int maxLength = 200)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        var text = Characters(name, value).Trim();
        if (text.Length > maxLength)
        {
            throw new ValidationException($"字段 {name} 不能超过 {maxLength} 个字符");
        }

        if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')))
        {
            throw new ValidationException($"字段 {name} 含有非法字符");
        }

        return text.Length == 0 ? null : text;
    }

    /// <summary>Text exactly as sent (passwords, data URLs); null when absent or null.</summary>
    public string? Verbatim(string name, int maxLength)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        var text = Characters(name, value);
        return text.Length <= maxLength ? text : throw new ValidationException($"字段 {name} 不能超过 {maxLength} 个字符");
    }

    public int? WholeNumber(string name, int min, int max)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        var number = 0;
        var read = _fromText
            ? int.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out number);
        return read && number >= min && number <= max
            ? number
            : throw new ValidationException($"字段 {name} 必须是 {min} 到 {max} 之间的整数");
    }

    public double? Number(string name, double min, double max)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        var number = 0.0;
        var read = _fromText
            ? double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out number);
        return read && number >= min && number <= max
            ? number
            : throw new ValidationException(string.Create(CultureInfo.InvariantCulture, $"字段 {name} 必须是 {min} 到 {max} 之间的数字"));
    }

    public bool? Flag(string name)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when _fromText && bool.TryParse(value.GetString(), out var flag) => flag,
            _ => throw new ValidationException($"字段 {name} 必须是布尔值"),
        };
    }

    /// <summary>A calendar date written yyyy-MM-dd.</summary>
    public string? Date(string name)
    {
        var text = Text(name, maxLength: 10);
        return text is null || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? text
            : throw new ValidationException($"字段 {name} 必须是 YYYY-MM-DD 格式的日期");
    }

    /// <summary>A list of whole numbers from 1 upwards, each once.</summary>
    public IReadOnlyList<int> Ids(string name, int maxCount)
    {
        if (!Given(name, out var value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw new ValidationException($"字段 {name} 必须是非空的整数数组");
        }

        if (value.GetArrayLength() > maxCount)
        {
            throw new ValidationException($"字段 {name} 最多包含 {maxCount} 个编号");
        }

        return [.. value.EnumerateArray()
            .Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id > 0
                ? id
                : throw new ValidationException($"字段 {name} 必须是非空的正整数数组"))
            .Distinct()];
    }

    /// <summary>An object as sent, of at most so many characters of JSON; null when absent or null.</summary>
    public JsonElement? Fields(string name, int maxLength)
    {
        if (!Given(name, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new ValidationException($"字段 {name} 必须是 JSON 对象");
        }

        return value.GetRawText().Length <= maxLength ? value : throw new ValidationException($"字段 {name} 不能超过 {maxLength} 个字符");
    }

    private bool Given(string name, out JsonElement value) =>
        _values.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;

    private static string Characters(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw new ValidationException($"字段 {name} 必须是字符串");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 alone: JSON by its grammar, yet no text.
            throw new ValidationException($"字段 {name} 含有非法字符");
        }
    }

    private static string Quote(string name) => name.Length <= 40 ? name : string.Concat(name.AsSpan(0, 40), "…");

    private static TooLargeException BodyTooLarge(long maxBytes) => new($"请求体不能超过 {maxBytes / 1024} KB");
}
