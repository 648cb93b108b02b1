using System.Text.RegularExpressions;

namespace TumorFunctions.Infra.Tests;

/// <summary>Who may do what, and by which door.</summary>
[Collection(Templates.Collection)]
public sealed partial class AccessRuleTests(Templates templates)
{
    private const string Assignment = "Microsoft.Authorization/roleAssignments";

    /// <summary>Every role that is given: template, who gets it, role. Whoever adds one says here why it is the least.</summary>
    private static readonly (string Template, string Principal, string Role)[] Allowed =
    [
        ("modules/storage", "apiPrincipalId", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"), // blobs, leases and keys of the host: owner of data
        ("modules/storage", "apiPrincipalId", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"), // queues of Durable and of the blob trigger
        ("modules/storage", "apiPrincipalId", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"), // history tables of Durable
        ("modules/storage", "eventsPrincipalId", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"), // dead letters, in their container alone
        ("modules/storage", "inferencePrincipalId", "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"), // its host's keys, in an account of its own
        ("modules/vault", "apiPrincipalId", "4633458b-17de-408a-b874-0445c86b69e6"), // reads secrets
        ("modules/vault", "deployerPrincipalId", "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"), // writes the first secrets
        ("modules/registry", "pullPrincipalId", "7f951dda-4ed3-4680-a7ca-43fe172d538d"), // pulls images
        ("modules/monitoring", "publishers", "3913510d-42f4-4e42-8a64-420c390055eb"), // sends telemetry
    ];

    [BicepFact]
    public void Exactly_the_listed_roles_are_given()
    {
        var given =
            from name in Templates.Names
            from resource in templates.Resources(name, Assignment)
            let properties = resource["properties"]!
            from role in Expressions.Roles(templates[name], (string)properties["roleDefinitionId"]!)
            select (name, ParameterNames().Match((string)properties["principalId"]!).Groups[1].Value, role);

        Assert.Equal(Allowed.Order(), given.Distinct().Order());
    }

    [BicepFact]
    public void No_role_reaches_beyond_one_resource()
    {
        foreach (var resource in Templates.Names.SelectMany(name => templates.Resources(name, Assignment)))
            Assert.NotNull(resource["scope"]);

        var deadLetters = templates.Resources("modules/storage", Assignment)
            .Single(resource => ((string)resource["properties"]!["principalId"]!).Contains("eventsPrincipalId", StringComparison.Ordinal));
        Assert.Contains("event-dead-letters", (string)deadLetters["scope"]!, StringComparison.Ordinal);
        var inference = templates.Resources("modules/storage", Assignment)
            .Single(resource => ((string)resource["properties"]!["principalId"]!).Contains("inferencePrincipalId", StringComparison.Ordinal));
        Assert.Contains("'sti", (string)inference["scope"]!, StringComparison.Ordinal);
    }

    [BicepFact]
    public void Documents_are_opened_by_one_identity_in_one_database_and_by_no_key()
    {
        var account = Assert.Single(templates.Resources("modules/cosmos", "Microsoft.DocumentDB/databaseAccounts"))["properties"]!;
        Assert.True((bool)account["disableLocalAuth"]!);
        Assert.True((bool)account["disableKeyBasedMetadataWriteAccess"]!);

        var access = Assert.Single(templates.Resources("modules/cosmos", "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"))["properties"]!;
        Assert.Equal(
            ["00000000-0000-0000-0000-000000000002"], Expressions.Roles(templates["modules/cosmos"], (string)access["roleDefinitionId"]!));
        Assert.Contains("/dbs/", (string)access["scope"]!, StringComparison.Ordinal);
    }

    [BicepFact]
    public void No_key_is_asked_for_by_a_template()
    {
        foreach (var name in Templates.Names)
        {
            var text = templates[name].ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal);
            Assert.DoesNotMatch(ListCalls(), text);
            Assert.DoesNotMatch(KeyText(), text);
        }
    }

    [BicepFact]
    public void Outputs_hold_no_secret()
    {
        foreach (var name in Templates.Names)
        {
            foreach (var (key, output) in templates[name]["outputs"]?.AsObject() ?? [])
            {
                Assert.False(((string)output!["type"]!).StartsWith("secure", StringComparison.OrdinalIgnoreCase), $"{name}: {key}");
                Assert.DoesNotMatch(SecretNames(), key);
                Assert.DoesNotMatch(SecretNames(), (string)output["value"]!);
            }
        }
    }

    [BicepFact]
    public void The_webhook_with_its_key_is_a_secure_parameter() =>
        Assert.Equal("securestring", (string)templates["inbox"]["parameters"]!["webhookUrl"]!["type"]!, ignoreCase: true);

    [BicepFact]
    public void Telemetry_is_sent_by_identity()
    {
        var insights = Assert.Single(templates.Resources("modules/monitoring", "Microsoft.Insights/components"));
        Assert.True((bool)insights["properties"]!["DisableLocalAuth"]!);
    }

    [BicepFact]
    public void Storage_knows_no_shared_key_and_no_public_blob()
    {
        var accounts = templates.Resources("modules/storage", "Microsoft.Storage/storageAccounts").ToList();
        Assert.Equal(2, accounts.Count);
        foreach (var properties in accounts.Select(account => account["properties"]!))
        {
            Assert.False((bool)properties["allowSharedKeyAccess"]!);
            Assert.False((bool)properties["allowBlobPublicAccess"]!);
            Assert.False((bool)properties["allowCrossTenantReplication"]!);
            Assert.True((bool)properties["supportsHttpsTrafficOnly"]!);
            Assert.Equal("TLS1_2", (string)properties["minimumTlsVersion"]!);
        }

        foreach (var container in templates.Resources("modules/storage", "Microsoft.Storage/storageAccounts/blobServices/containers"))
            Assert.Equal("None", (string)container["properties"]!["publicAccess"]!);

        var blobs = Assert.Single(templates.Resources("modules/storage", "Microsoft.Storage/storageAccounts/blobServices"))["properties"]!;
        Assert.True((bool)blobs["deleteRetentionPolicy"]!["enabled"]!);
        Assert.True((bool)blobs["containerDeleteRetentionPolicy"]!["enabled"]!);
    }

    [BicepFact]
    public void The_vault_and_the_registry_know_identities_alone()
    {
        var vault = Assert.Single(templates.Resources("modules/vault", "Microsoft.KeyVault/vaults"))["properties"]!;
        Assert.True((bool)vault["enableRbacAuthorization"]!);
        Assert.True((bool)vault["enablePurgeProtection"]!);
        Assert.Null(vault["accessPolicies"]);

        var registry = Assert.Single(templates.Resources("modules/registry", "Microsoft.ContainerRegistry/registries"))["properties"]!;
        Assert.False((bool)registry["adminUserEnabled"]!);
        Assert.False((bool)registry["anonymousPullEnabled"]!);
    }

    [BicepFact]
    public void Private_networking_closes_every_public_way_to_data()
    {
        foreach (var module in (string[])["storage", "cosmos", "vault"])
        {
            var parameters = templates["main"]["resources"]![module]!["properties"]!["parameters"]!;
            Assert.Equal("[not(parameters('privateNetworking'))]", (string)parameters["publicNetworkAccess"]!["value"]!);
        }

        var closing = "[if(parameters('publicNetworkAccess'), 'Enabled', 'Disabled')]";
        foreach (var (module, type) in ((string, string)[])[
            ("storage", "Microsoft.Storage/storageAccounts"),
            ("cosmos", "Microsoft.DocumentDB/databaseAccounts"),
            ("vault", "Microsoft.KeyVault/vaults")])
        {
            Assert.All(
                templates.Resources("modules/" + module, type),
                resource => Assert.Equal(closing, (string)resource["properties"]!["publicNetworkAccess"]!));
        }
    }

    [BicepFact]
    public void The_app_takes_https_alone_and_no_password_for_deployments()
    {
        var app = Assert.Single(templates.Resources("modules/api", "Microsoft.Web/sites"))["properties"]!;
        Assert.True((bool)app["httpsOnly"]!);
        var storage = app["functionAppConfig"]!["deployment"]!["storage"]!;
        Assert.Equal("UserAssignedIdentity", (string)storage["authentication"]!["type"]!);
        var doors = templates.Resources("modules/api", "Microsoft.Web/sites/basicPublishingCredentialsPolicies").ToList();
        Assert.Equal(2, doors.Count);
        Assert.All(doors, door => Assert.False((bool)door["properties"]!["allow"]!));
    }

    [GeneratedRegex(@"parameters\('(\w+)'\)")]
    private static partial Regex ParameterNames();

    [GeneratedRegex(@"\blist[A-Z]\w*\(|\blist\w*Keys?\b", RegexOptions.CultureInvariant)]
    private static partial Regex ListCalls();

    [GeneratedRegex("AccountKey=|SharedAccessKey|AccountEndpoint=|primaryMasterKey|InstrumentationKey", RegexOptions.IgnoreCase)]
    private static partial Regex KeyText();

    [GeneratedRegex("connectionString|password|signing|secret|(?<!public)key(?!vault)", RegexOptions.IgnoreCase)]
    private static partial Regex SecretNames();
}
