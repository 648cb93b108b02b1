namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>The entry to a functions app.</summary>
public class FunctionsApplication
{
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}
