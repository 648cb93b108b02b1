using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Results;

/// <summary>Images inside JSON: <c>data:image/png;base64,…</c> (RFC 2397).</summary>
public static class DataUrl
{
    public static string OfPng(byte[] png) => string.Concat("data:image/png;base64,", Convert.ToBase64String(png));

    /// <summary>The bytes of a base64 data URL, or of base64 alone.</summary>
    /// <exception cref="ValidationException">The text is missing or not base64.</exception>
    public static byte[] Decode(string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ValidationException($"缺少字段 {field}");
        }

        var base64 = text.AsSpan().Trim();
        if (base64.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            var comma = base64.IndexOf(',');
            if (comma < 0 || !base64[..comma].EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            {
                throw new ValidationException($"字段 {field} 必须是 base64 编码的 data URL");
            }

            base64 = base64[(comma + 1)..];
        }

        var bytes = new byte[(base64.Length / 4 * 3) + 3];
        return Convert.TryFromBase64Chars(base64, bytes, out var length) && length > 0
            ? bytes[..length]
            : throw new ValidationException($"字段 {field} 不是有效的 base64 数据");
    }
}
