using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace TumorFunctions.Api.Http;

/// <summary>A JSON answer in the API's own format, whatever the host's MVC settings are.</summary>
public sealed class JsonAnswer(object body, int statusCode = StatusCodes.Status200OK) : IActionResult
{
    public Task ExecuteResultAsync(ActionContext context) => WriteAsync(context.HttpContext.Response);

    public async Task WriteAsync(HttpResponse response)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), ApiJson.Options);
        response.StatusCode = statusCode;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = bytes.Length;
        await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted);
    }
}

/// <summary>The many answers that are only a sentence.</summary>
public sealed record MessageAnswer(string Message);

/// <summary>The reference's error envelope.</summary>
public sealed record ErrorAnswer(
    string Error,
    [property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    string? Message,
    string Code);
