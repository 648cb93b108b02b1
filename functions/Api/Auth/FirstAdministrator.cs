using Microsoft.Extensions.Hosting;

namespace TumorFunctions.Api.Auth;

/// <summary>Sees at start that there is somebody who can log in.</summary>
public sealed class FirstAdministrator(AuthService service) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => service.EnsureAdministratorAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
