using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Users;

namespace TumorFunctions.Api.Auth;

/// <summary>Finds out who calls an HTTP function and holds the function's permission against the caller's role.</summary>
public sealed class AuthenticationMiddleware(TokenService tokens, UserStore users, AnonymousRule anonymous) : IFunctionsWorkerMiddleware
{
    private const string Scheme = "Bearer ";
    private const int MaxTokenLength = 8192;

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http)
        {
            if (!Access.Functions.TryGetValue(context.FunctionDefinition.Name, out var permission))
            {
                throw new ForbiddenException();
            }

            if (permission != Permission.Public)
            {
                var caller = anonymous.Allows(context.FunctionDefinition.Name, http)
                    ? Caller.Anonymous
                    : await AuthenticateAsync(http.Request.Headers.Authorization.ToString(), http.RequestAborted);
                if (!Access.Allows(caller.Role, permission))
                {
                    throw new ForbiddenException();
                }

                caller.AttachTo(http);
            }
        }

        await next(context);
    }

    private async Task<Caller> AuthenticateAsync(string header, CancellationToken cancellationToken)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length == Scheme.Length)
        {
            throw UnauthenticatedException.MissingToken();
        }

        if (header.Length > MaxTokenLength)
        {
            throw UnauthenticatedException.InvalidToken();
        }

        var subject = await tokens.ValidateAsync(header[Scheme.Length..].Trim());
        var user = await users.FindAsync(subject.UserId, cancellationToken);
        return user is not null && user.Value.TokenVersion == subject.TokenVersion
            ? Caller.From(user.Value)
            : throw UnauthenticatedException.InvalidToken();
    }
}
