using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Masks;

/// <summary>
/// Keeps annotators from overwriting each other unknowingly (RFC 9110, 13): If-Match names the version that the writer saw. Without it
/// a user may replace the model's mask and their own, never another user's.
/// </summary>
public sealed class MaskPrecondition
{
    private readonly IList<EntityTagHeaderValue>? _match;
    private readonly IList<EntityTagHeaderValue>? _noneMatch;
    private readonly int _userId;

    private MaskPrecondition(HttpRequest request, Caller caller)
    {
        _match = Read(request, HeaderNames.IfMatch);
        _noneMatch = Read(request, HeaderNames.IfNoneMatch);
        _userId = caller.UserId;
    }

    /// <exception cref="ValidationException">A header is malformed.</exception>
    public static MaskPrecondition Of(HttpRequest request, Caller caller) => new(request, caller);

    /// <exception cref="PreconditionFailedException">The mask in force is not the one that the caller may replace.</exception>
    public void Check(ImageRecord image)
    {
        const string Stale = "掩膜已被修改";
        const string Reload = "请重新读取掩膜，并在 If-Match 中给出其 ETag";
        var current = image.Mask is { } mask ? new EntityTagHeaderValue($"\"{mask.Version}\"") : null;
        if (_match is not null && !Names(_match, current))
        {
            throw new PreconditionFailedException(Stale, Reload);
        }

        if (_noneMatch is not null && Names(_noneMatch, current))
        {
            throw new PreconditionFailedException("掩膜已存在", Reload);
        }

        if (_match is null && image.Annotation is { } annotation && annotation.AnnotatedBy != _userId)
        {
            throw new PreconditionFailedException("该影像已有其他用户绘制的掩膜", Reload);
        }
    }

    private static bool Names(IList<EntityTagHeaderValue> tags, EntityTagHeaderValue? current) =>
        current is not null && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(current, useStrongComparison: true));

    private static IList<EntityTagHeaderValue>? Read(HttpRequest request, string name)
    {
        var given = request.Headers[name];
        if (given.Count == 0)
        {
            return null;
        }

        return EntityTagHeaderValue.TryParseStrictList(given, out var tags)
            ? tags
            : throw new ValidationException($"请求头 {name} 必须是带引号的 ETag 或 *");
    }
}
