using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;
using TumorFunctions.Api.Hosting;
using TumorFunctions.Core.Segmentation.Trial;

// A child of this app, started to try out a stranger's model.
if (ModelTrial.RunIfAsked(args) is { } exitCode)
{
    return exitCode;
}

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
builder.AddTumorFunctions();
await builder.Build().RunAsync();
return 0;
