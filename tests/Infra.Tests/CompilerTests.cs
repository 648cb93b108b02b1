namespace TumorFunctions.Infra.Tests;

[Collection(Templates.Collection)]
public sealed class CompilerTests(Templates templates)
{
    [BicepFact]
    public void Every_template_compiles_without_a_warning()
    {
        Assert.Equal("", templates.Messages);
        Assert.Equal(0, templates.ExitCode);
        foreach (var name in Templates.Names)
            Assert.NotEmpty(templates.Resources(name));
    }

    [BicepFact]
    public void The_parameters_fit_the_template()
    {
        var (messages, exitCode) = Templates.Bicep("build-params", "infra/main.bicepparam", "--stdout");

        Assert.Equal("", messages);
        Assert.Equal(0, exitCode);
    }

    [BicepFact]
    public void The_compiler_does_find_a_property_that_does_not_exist()
    {
        var folder = Directory.CreateTempSubdirectory("broken-template-");
        try
        {
            var file = Path.Combine(folder.FullName, "broken.bicep");
            File.WriteAllText(file, File.ReadAllText(Path.Combine(Templates.Source, "modules", "network.bicep"))
                .Replace("addressPrefixes:", "adressPrefixes:", StringComparison.Ordinal));

            var (messages, _) = Templates.Bicep("build", file, "--stdout");

            Assert.Contains("adressPrefixes", messages, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
