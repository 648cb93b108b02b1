using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Http;

/// <summary>Turns every exception of an HTTP function into the error envelope; the only place that maps type to status.</summary>
public sealed class ErrorMiddleware(ILogger<ErrorMiddleware> logger) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        var http = context.GetHttpContext();
        if (http is null)
        {
            await next(context);
            return;
        }

        try
        {
            await next(context);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            logger.RequestAborted(context.FunctionDefinition.Name);
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            context.GetInvocationResult().Value = Answer(exception, http, context);
        }
    }

    private JsonAnswer Answer(Exception exception, HttpContext http, FunctionContext context)
    {
        var failure = AsApiException(exception);
        if (failure is null)
        {
            logger.UnhandledFailure(exception, context.FunctionDefinition.Name, context.InvocationId);
            var correlation = $"请联系管理员并提供编号 {context.InvocationId}";
            return new JsonAnswer(
                new ErrorAnswer("服务器内部错误", correlation, "INTERNAL_ERROR"), StatusCodes.Status500InternalServerError);
        }

        if (failure.StatusCode >= StatusCodes.Status500InternalServerError)
        {
            logger.RequestFailed(exception, context.FunctionDefinition.Name, failure.Code, context.InvocationId);
        }
        else
        {
            logger.RequestRefused(context.FunctionDefinition.Name, failure.StatusCode, failure.Code);
        }

        if (failure is TooManyAttemptsException or StoreUnavailableException)
        {
            var wait = failure is TooManyAttemptsException attempts ? attempts.RetryAfter : ((StoreUnavailableException)failure).RetryAfter;
            http.Response.Headers.RetryAfter =
                ((long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (failure is UnauthenticatedException)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return new JsonAnswer(new ErrorAnswer(failure.Error, failure.Detail, failure.Code), failure.StatusCode);
    }

    /// <summary>What a caller may read of a failure; null where it is none of the caller's business.</summary>
    public static ApiException? AsApiException(Exception exception) => exception switch
    {
        ApiException known => known,
        ImageFormatException { Fault: ImageFault.Unsupported } image =>
            new UnreadableImageException("UNSUPPORTED_FORMAT", "不支持的文件格式", image.Message, image),
        ImageFormatException { Fault: ImageFault.TooLarge } image =>
            new UnreadableImageException("IMAGE_TOO_LARGE", "影像尺寸超出限制", image.Message, image),
        ImageFormatException image => new UnreadableImageException("CORRUPT_IMAGE", "影像文件已损坏", image.Message, image),
        ModelException model => new ModelFailureException(model.Message, model),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            new TooLargeException("请求体超出大小限制"),
        BadHttpRequestException request => new MalformedBodyException("请求格式错误", request),
        StorageUnavailableException store => new StoreUnavailableException(store.RetryAfter, store),
        StorageTooLargeException => new TooLargeException("内容超出存储服务允许的大小"),
        DocumentPreconditionException or DocumentConflictException =>
            new ConcurrentChangeException("记录正被其他请求修改，请重试"),
        _ => null,
    };
}
