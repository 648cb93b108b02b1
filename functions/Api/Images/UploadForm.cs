using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Images;

/// <summary>
/// Reads multipart/form-data (RFC 7578) as it arrives: text fields are kept, the one part named <c>file</c> is handed on as a stream.
/// </summary>
public static class UploadForm
{
    private const int MaxFields = 64;
    private const int MaxFieldBytes = 16 * 1024;
    private const int MaxBoundaryLength = 200;

    /// <summary>Text fields in the order of arrival, and whether a file part came.</summary>
    /// <param name="request">The request, its body not yet read.</param>
    /// <param name="storeFile">Takes file name and content of the file part; must read the content to its end.</param>
    /// <param name="maxFieldBytes">Longest text field.</param>
    /// <exception cref="MalformedBodyException">The body is no well-formed form.</exception>
    /// <exception cref="ValidationException">A field is doubled or too long, or there are too many.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(
        HttpRequest request, Func<string, Stream, Task> storeFile, int maxFieldBytes = MaxFieldBytes)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var reader = new MultipartReader(BoundaryOf(request), request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        var fileSeen = false;
        while (await NextAsync(reader, cancellationToken) is { } section)
        {
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                || HeaderUtilities.RemoveQuotes(disposition.Name).ToString() is not { Length: > 0 } name)
            {
                throw new MalformedBodyException("表单的每一部分都必须有名称");
            }

            var fileName = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
            if (name == "file")
            {
                var plainName = HeaderUtilities.RemoveQuotes(fileName).ToString();
                if (fileSeen)
                {
                    throw new ValidationException("只能上传一个文件 (字段 file)");
                }

                if (plainName.Length == 0)
                {
                    throw new ValidationException("未选择文件 (字段 file)");
                }

                fileSeen = true;
                await storeFile(plainName, new FormBodyStream(section.Body));
            }
            else
            {
                await ReadFieldAsync(section, name, fields, maxFieldBytes, cancellationToken);
            }
        }

        return fileSeen ? fields : throw new ValidationException("缺少文件 (字段 file)");
    }

    /// <summary>Whether a request states that it is a form.</summary>
    public static bool IsForm(HttpRequest request) => IsForm(request, out _);

    private static bool IsForm(HttpRequest request, [NotNullWhen(true)] out MediaTypeHeaderValue? type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase);

    private static string BoundaryOf(HttpRequest request)
    {
        if (!IsForm(request, out var type))
        {
            throw new MalformedBodyException("请求必须是 multipart/form-data");
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= MaxBoundaryLength
            ? boundary
            : throw new MalformedBodyException("multipart/form-data 缺少有效的 boundary");
    }

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new MalformedBodyException("表单数据不完整或格式错误", exception);
        }
    }

    private static async Task ReadFieldAsync(
        MultipartSection section, string name, Dictionary<string, string> fields, int maxBytes, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var body = new LimitedStream(
            new FormBodyStream(section.Body), maxBytes, () => new ValidationException($"字段 {name} 过长"));
        await body.CopyToAsync(buffer, cancellationToken);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
        }
        catch (DecoderFallbackException)
        {
            throw new ValidationException($"字段 {name} 不是 UTF-8 文本");
        }

        if (fields.Count >= MaxFields || !fields.TryAdd(name, text))
        {
            throw new ValidationException($"字段 {name} 重复或表单字段过多");
        }
    }

    /// <summary>The body of a part; an end of the request before the end of the part is the sender's mistake.</summary>
    private sealed class FormBodyStream(Stream inner) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => throw new NotSupportedException("Forms are read asynchronously.");

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
            {
                throw new MalformedBodyException("表单数据不完整或格式错误", exception);
            }
        }
    }
}
