using Microsoft.Extensions.Hosting;

namespace TumorFunctions.LocalWorker.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public void Values_of_local_settings_are_read_below_the_environment()
    {
        const string Variable = "LOCALWORKER_TESTS_BOTH";
        Environment.SetEnvironmentVariable(Variable, "environment");
        try
        {
            using var folder = new TestFolder("local.settings.json", $$"""
                {
                  "IsEncrypted": false, // as Core Tools write it
                  "Values": { "Data__Folder": "here", "Limit": 5, "{{Variable}}": "file", "LOCALWORKER_TESTS_ARG": "file" },
                }
                """);
            var builder = TestApp.Builder(["--contentRoot", folder.Path, "--LOCALWORKER_TESTS_ARG", "argument"]);
            Assert.Equal("here", builder.Configuration["Data:Folder"]);
            Assert.Equal("5", builder.Configuration["Limit"]);
            Assert.Equal("environment", builder.Configuration[Variable]);
            Assert.Equal("argument", builder.Configuration["LOCALWORKER_TESTS_ARG"]);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public void Values_win_over_appsettings()
    {
        using var folder = new TestFolder("local.settings.json", """{ "Values": { "Name": "local" } }""");
        File.WriteAllText(Path.Combine(folder.Path, "appsettings.json"), """{ "Name": "app", "Other": "app" }""");
        var builder = TestApp.Builder(["--contentRoot", folder.Path]);
        Assert.Equal("local", builder.Configuration["Name"]);
        Assert.Equal("app", builder.Configuration["Other"]);
    }

    [Theory]
    [InlineData("""{ "IsEncrypted": true, "Values": { "Name": "x" } }""", "is encrypted")]
    [InlineData("""{ "Values": """, "local.settings.json")]
    public void A_settings_file_that_cannot_be_read_is_named(string text, string expected)
    {
        using var folder = new TestFolder("local.settings.json", text);
        var exception = Assert.Throws<InvalidDataException>(() => TestApp.Builder(["--contentRoot", folder.Path]));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Defaults_give_way()
    {
        var builder = new Microsoft.Azure.Functions.Worker.Builder.FunctionsApplicationBuilder([], []);
        Assert.Equal("http://127.0.0.1:8000", builder.Configuration["urls"]);
        Assert.Equal("http://127.0.0.1:0", TestApp.Builder([]).Configuration["Urls"]);
        Assert.True(TestApp.Builder([]).Environment.IsDevelopment());
        Assert.True(TestApp.Builder(["--environment", "Production"]).Environment.IsProduction());
    }
}
