// A functions app whose activities leave their traces in a file, to be killed and started again.
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TumorFunctions.LocalWorker.Tests.App;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.Services.AddSingleton<TraceFile>();
await builder.Build().RunAsync();
