using Microsoft.AspNetCore.Http;

namespace TumorFunctions.Api.Http;

/// <summary>
/// A refusal that the caller may read. One subclass a kind of failure; <see cref="ErrorMiddleware"/> turns it into
/// <c>{"error", "message"?, "code"}</c> with <see cref="StatusCode"/>.
/// </summary>
public abstract class ApiException(int statusCode, string code, string error, string? detail = null, Exception? inner = null)
    : Exception(error, inner)
{
    public int StatusCode { get; } = statusCode;

    public string Code { get; } = code;

    public string Error { get; } = error;

    public string? Detail { get; } = detail;
}

/// <summary>400: a field, parameter or header is missing or not as the reference says; the text names it.</summary>
public sealed class ValidationException(string error, string? detail = null)
    : ApiException(StatusCodes.Status400BadRequest, "VALIDATION_ERROR", error, detail);

/// <summary>400: the body is not the JSON object or form that the endpoint takes.</summary>
public sealed class MalformedBodyException(string error, Exception? inner = null)
    : ApiException(StatusCodes.Status400BadRequest, "MALFORMED_BODY", error, inner: inner);

/// <summary>400: the uploaded content is no image that is read here.</summary>
public sealed class UnreadableImageException(string code, string error, string? detail = null, Exception? inner = null)
    : ApiException(StatusCodes.Status400BadRequest, code, error, detail, inner);

/// <summary>400: a mask does not lie on the image that it is for; the detail says what was expected.</summary>
public sealed class MaskMismatchException(string error, string detail)
    : ApiException(StatusCodes.Status400BadRequest, "MASK_MISMATCH", error, detail);

/// <summary>401, in the three kinds of the reference: no token, an expired one, or one that is not (or no longer) good.</summary>
public sealed class UnauthenticatedException : ApiException
{
    private UnauthenticatedException(string code, string error, string? detail = null)
        : base(StatusCodes.Status401Unauthorized, code, error, detail)
    {
    }

    public static UnauthenticatedException MissingToken() => new("MISSING_TOKEN", "Missing Authorization Header", "未认证");

    public static UnauthenticatedException ExpiredToken() => new("TOKEN_EXPIRED", "Token has expired", "登录已过期，请重新登录");

    public static UnauthenticatedException InvalidToken() => new("INVALID_TOKEN", "未认证", "Token 无效");

    public static UnauthenticatedException WrongCredentials() => new("INVALID_CREDENTIALS", "用户名或密码错误");
}

/// <summary>403: the caller is known but may not do this.</summary>
public sealed class ForbiddenException(string? detail = null)
    : ApiException(StatusCodes.Status403Forbidden, "FORBIDDEN", "权限不足", detail);

/// <summary>404.</summary>
public sealed class NotFoundException(string error) : ApiException(StatusCodes.Status404NotFound, "NOT_FOUND", error);

/// <summary>409: another writer kept changing the same record.</summary>
public sealed class ConcurrentChangeException(string error) : ApiException(StatusCodes.Status409Conflict, "CONFLICT", error);

/// <summary>409: what the record holds does not allow it; the detail says what would.</summary>
public sealed class StateConflictException(string code, string error, string? detail = null)
    : ApiException(StatusCodes.Status409Conflict, code, error, detail);

/// <summary>412: the caller did not know of the latest version, or did not say so.</summary>
public sealed class PreconditionFailedException(string error, string? detail = null)
    : ApiException(StatusCodes.Status412PreconditionFailed, "PRECONDITION_FAILED", error, detail);

/// <summary>409: the name is taken, or the model serves or ships with the app.</summary>
public sealed class ModelInUseException(string error, string detail)
    : ApiException(StatusCodes.Status409Conflict, "CONFLICT", error, detail);

/// <summary>400 INVALID_MODEL: the uploaded or named file is no model that can be served.</summary>
public sealed class UnusableModelException(string detail, Exception? inner = null)
    : ApiException(StatusCodes.Status400BadRequest, "INVALID_MODEL", "模型文件无法使用", detail, inner);

/// <summary>413.</summary>
public sealed class TooLargeException(string error)
    : ApiException(StatusCodes.Status413PayloadTooLarge, "PAYLOAD_TOO_LARGE", error);

/// <summary>429, with the time after which a further try is heard.</summary>
public sealed class TooManyAttemptsException(TimeSpan retryAfter)
    : ApiException(StatusCodes.Status429TooManyRequests, "TOO_MANY_ATTEMPTS", "登录失败次数过多，请稍后再试")
{
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>500 MODEL_ERROR: the model cannot be found, loaded or run.</summary>
public sealed class ModelFailureException(string detail, Exception? inner = null)
    : ApiException(StatusCodes.Status500InternalServerError, "MODEL_ERROR", "模型加载失败", detail, inner);

/// <summary>503: the store is throttling or out of reach; the request can be sent again after the time given.</summary>
public sealed class StoreUnavailableException(TimeSpan? retryAfter, Exception inner) : ApiException(
    StatusCodes.Status503ServiceUnavailable, "STORE_UNAVAILABLE", "存储服务暂时不可用，请稍后重试", inner: inner)
{
    public TimeSpan RetryAfter { get; } = retryAfter ?? TimeSpan.FromSeconds(1);
}
