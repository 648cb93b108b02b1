using System.Net;
using System.Text.Json;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Tests;

/// <summary>Twenty images of ten patients a class: smooth tumours are benign, rough ones malignant.</summary>
public sealed class RadiomicsTrainingFixture : IAsyncLifetime
{
    public ApiFixture Api { get; } = new();

    public List<(int Id, string Label)> Cases { get; } = [];

    public async Task InitializeAsync()
    {
        await Api.InitializeAsync();
        for (var i = 0; i < 20; i++)
        {
            var rough = i % 2 == 1;
            var id = await Api.Admin.UploadedIdAsync(
                Textured(i, rough ? 90 : 8), ("patient_id", $"T{i}"), ("pixel_spacing", "0.5"), ("diagnosis", rough ? "恶性" : "良性"));
            await DrawAsync(Api.Admin, id);
            Cases.Add((id, rough ? "恶性" : "良性"));
        }
    }

    public Task DisposeAsync() => Api.DisposeAsync();

    public static byte[] Textured(int seed, int roughness)
    {
        var random = new Random(seed);
        var pixels = new byte[96 * 80];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(100 + random.Next(roughness));
        }

        using var png = new MemoryStream();
        PngWriter.Write(png, pixels, 96, 80);
        return png.ToArray();
    }

    public static async Task DrawAsync(HttpClient client, int id)
    {
        using var put = await client.PutMaskAsync(id, Phantoms.Png(96, 80, (x, y) => x is >= 30 and < 60 && y is >= 20 and < 50));
        await put.ReadAsync();
    }
}

public sealed class RadiomicsTrainingTests(RadiomicsTrainingFixture fixture) : IClassFixture<RadiomicsTrainingFixture>
{
    private static readonly string[] Figures = ["auc", "acc", "precision", "recall", "f1_score"];

    private HttpClient Admin => fixture.Api.Admin;

    [Theory]
    [InlineData("LogisticRegression")]
    [InlineData("RandomForest")]
    [InlineData("SVM")]
    [InlineData("gradientboosting")]
    public async Task A_difference_in_texture_is_learnt_kept_and_predicted(string algorithm)
    {
        using var answer = await Admin.PostAsync(
            "/api/radiomics/train", new { alg = algorithm, label = "diagnosis", test_size = 0.3 });
        var trained = await answer.ReadAsync();
        Assert.Equal("模型训练完成", trained.GetProperty("message").GetString());
        Assert.All(Figures, name => Assert.InRange(trained.GetProperty(name).GetDouble(), 0.8, 1));
        Assert.True(trained.GetProperty("training_time_s").GetDouble() > 0);
        Assert.Equal([10, 10], trained.GetProperty("classes").EnumerateArray().Select(item => item.GetProperty("patients").GetInt32()));
        Assert.Equal([3, 3], trained.GetProperty("classes").EnumerateArray().Select(item => item.GetProperty("test").GetInt32()));

        var path = trained.GetProperty("model_path").GetString()!;
        Assert.Matches("^/models/radiomics_model_[0-9]{3}\\.zip$", path);
        using var file = await Admin.GetAsync(path);
        Assert.Equal("application/zip", file.Content.Headers.ContentType?.MediaType);

        using var list = await Admin.GetAsync("/api/radiomics/models?per_page=100");
        Assert.Contains(path, (await list.ReadAsync()).GetProperty("models").EnumerateArray().Select(item => item.GetProperty("model_path").GetString()));

        foreach (var (rough, expected) in new[] { (false, "良性"), (true, "恶性") })
        {
            var id = await Admin.UploadedIdAsync(RadiomicsTrainingFixture.Textured(500, rough ? 90 : 8), ("pixel_spacing", "0.5"));
            await RadiomicsTrainingFixture.DrawAsync(Admin, id);
            using var prediction = await Admin.GetAsync($"/api/radiomics/predict?image_id={id}&model={path}");
            var predicted = await prediction.ReadAsync();
            Assert.Equal(expected, predicted.GetProperty("prediction").GetString());
            var probabilities = predicted.GetProperty("probabilities").EnumerateObject().Select(item => item.Value.GetDouble()).ToArray();
            Assert.Equal(1, probabilities.Sum(), 4);
        }
    }

    [Fact]
    public async Task The_label_can_be_a_key_of_the_annotation_and_the_positive_class_be_named()
    {
        foreach (var (id, label) in fixture.Cases)
        {
            using var put = await Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", JsonSerializer.Serialize(
                new { annotation_data = JsonSerializer.Serialize(new { tumor_prognosis = label == "良性" ? 1 : 0 }) }));
            await put.ReadAsync();
        }

        using var answer = await Admin.PostAsync(
            "/api/radiomics/train", new { alg = "LogisticRegression", label = "tumor_prognosis", test_size = 0.2, positive = "1", seed = 4 });
        var trained = await answer.ReadAsync();
        Assert.Equal("1", trained.GetProperty("positive_class").GetString());
        Assert.Equal(1, trained.GetProperty("auc").GetDouble());

        using var again = await Admin.PostAsync(
            "/api/radiomics/train", new { alg = "LogisticRegression", label = "tumor_prognosis", test_size = 0.2, positive = "1", seed = 4 });
        var repeated = await again.ReadAsync();
        Assert.All(Figures, name => Assert.Equal(trained.GetProperty(name).GetDouble(), repeated.GetProperty(name).GetDouble()));
        Assert.NotEqual(trained.GetProperty("model_path").GetString(), repeated.GetProperty("model_path").GetString());
    }

    [Theory]
    [InlineData("{\"label\":\"diagnosis\"}", "alg")]
    [InlineData("{\"alg\":\"Oracle\",\"label\":\"diagnosis\"}", "alg")]
    [InlineData("{\"alg\":\"SVM\"}", "label")]
    [InlineData("{\"alg\":\"SVM\",\"label\":\"diagnosis\",\"test_size\":0}", "test_size")]
    [InlineData("{\"alg\":\"SVM\",\"label\":\"diagnosis\",\"test_size\":1}", "test_size")]
    [InlineData("{\"alg\":\"SVM\",\"label\":\"diagnosis\",\"test_size\":\"x\"}", "test_size")]
    [InlineData("{\"alg\":\"SVM\",\"label\":\"diagnosis\",\"positive\":\"other\"}", "positive")]
    [InlineData("{\"alg\":\"SVM\",\"label\":\"diagnosis\",\"more\":1}", "more")]
    public async Task Bad_requests_are_refused_by_the_name_of_the_field(string body, string field)
    {
        using var answer = await Admin.SendJsonAsync(HttpMethod.Post, "/api/radiomics/train", body);
        var refused = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(field, refused.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_few_cases_are_counted_in_the_refusal()
    {
        using var none = await Admin.PostAsync("/api/radiomics/train", new { alg = "SVM", label = "nowhere" });
        Assert.Contains("没有可用病例", (await none.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);

        await LabelAsync("grade", i => i < 3 ? "II" : null);
        using var one = await Admin.PostAsync("/api/radiomics/train", new { alg = "SVM", label = "grade" });
        var single = await one.RefusedAsync(HttpStatusCode.BadRequest);
        Assert.Equal("训练样本只有一个类别", single.GetProperty("error").GetString());
        Assert.Contains("II: 3 例", single.GetProperty("message").GetString(), StringComparison.Ordinal);

        await LabelAsync("grade", i => i < 3 ? "II" : "III");
        using var few = await Admin.PostAsync("/api/radiomics/train", new { alg = "SVM", label = "grade" });
        var scarce = (await few.RefusedAsync(HttpStatusCode.BadRequest)).GetProperty("message").GetString();
        Assert.Contains("II: 3 例 (3 名患者)", scarce, StringComparison.Ordinal);
        Assert.Contains("每类至少 6 例", scarce, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_are_deleted_by_their_owner_or_an_administrator()
    {
        using var doctor = await RegisteredAsync("trainer");
        using var other = await RegisteredAsync("stranger");
        using var answer = await doctor.PostAsync("/api/radiomics/train", new { alg = "RandomForest", label = "diagnosis" });
        var name = (await answer.ReadAsync()).GetProperty("model").GetString();

        using var refused = await other.DeleteAsync(new Uri($"/api/radiomics/models/{name}", UriKind.Relative));
        await refused.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var deleted = await doctor.DeleteAsync(new Uri($"/api/radiomics/models/{name}", UriKind.Relative));
        await deleted.ReadAsync();
        using var gone = await doctor.DeleteAsync(new Uri($"/api/radiomics/models/{name}", UriKind.Relative));
        await gone.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        using var file = await doctor.GetAsync($"/models/{name}.zip");
        await file.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        using var prediction = await doctor.GetAsync($"/api/radiomics/predict?image_id={fixture.Cases[0].Id}&model={name}");
        await prediction.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    [Fact]
    public async Task An_image_without_features_gets_no_prediction()
    {
        using var answer = await Admin.PostAsync("/api/radiomics/train", new { alg = "LogisticRegression", label = "diagnosis" });
        var name = (await answer.ReadAsync()).GetProperty("model").GetString();
        var bare = await Admin.UploadedIdAsync();
        using var prediction = await Admin.GetAsync($"/api/radiomics/predict?image_id={bare}&model={name}");
        await prediction.RefusedAsync(HttpStatusCode.Conflict, "NO_FEATURES");
    }

    private async Task<HttpClient> RegisteredAsync(string name)
    {
        using var answer = await Admin.PostAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = "SecurePass123" });
        await answer.ReadAsync(HttpStatusCode.Created);
        return await fixture.Api.Api.LogInAsync(name, "SecurePass123");
    }

    private async Task LabelAsync(string key, Func<int, string?> label)
    {
        for (var i = 0; i < fixture.Cases.Count; i++)
        {
            var data = label(i) is { } value ? new Dictionary<string, string> { [key] = value } : [];
            using var put = await Admin.SendJsonAsync(
                HttpMethod.Put,
                $"/api/medical/{fixture.Cases[i].Id}",
                JsonSerializer.Serialize(new { annotation_data = JsonSerializer.Serialize(data) }));
            await put.ReadAsync();
        }
    }
}
