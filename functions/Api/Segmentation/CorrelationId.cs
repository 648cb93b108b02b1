using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace TumorFunctions.Api.Segmentation;

/// <summary>What ties the log lines of a request to those of the work that it set going.</summary>
public static class CorrelationId
{
    private const string Header = "X-Correlation-Id";
    private const int MaxLength = 64;

    /// <summary>The caller's own, where it is a plain word, else the invocation's.</summary>
    public static string Of(HttpRequest request, FunctionContext context)
    {
        var given = request.Headers[Header].ToString();
        return given.Length is > 0 and <= MaxLength && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            ? given
            : context.InvocationId;
    }
}
