using System.Globalization;
using System.Net;
using System.Text.Json;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Tests;

public sealed class PreopTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task The_surface_encloses_the_volume_that_the_analysis_measured()
    {
        var (id, analysis) = await AnalysedSampleAsync(("pixel_spacing", "0.5"), ("slice_thickness", "6"));
        var answer = await LoadAsync(id);
        Assert.Equal("3D模型加载成功", answer.GetProperty("message").GetString());
        Assert.False(answer.GetProperty("thickness_assumed").GetBoolean());
        var obj = await TextAsync(answer.GetProperty("model_url").GetString()!, "model/obj");
        Assert.Equal(answer.GetProperty("vertices").GetInt32(), obj.Split('\n').Count(line => line.StartsWith("v ", StringComparison.Ordinal)));
        Assert.InRange(VolumeOf(obj) / analysis.GetProperty("tumor_volume").GetDouble(), 0.98, 1.02);

        using var texture = await fixture.Admin.GetAsync(answer.GetProperty("texture_url").GetString()!);
        var picture = ImageReader.Read(new MemoryStream(await texture.Content.ReadAsByteArrayAsync()));
        Assert.True(picture.Voxels.Max() > picture.Voxels.Min());
    }

    [Fact]
    public async Task A_surface_is_made_once_and_anew_when_mask_or_spacing_changed()
    {
        var (id, _) = await AnalysedSampleAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoadAsync(id)));
        var url = answers[0].GetProperty("model_url").GetString()!;
        Assert.All(answers, answer => Assert.Equal(url, answer.GetProperty("model_url").GetString()));
        Assert.True(answers[0].GetProperty("thickness_assumed").GetBoolean());
        Assert.Equal(url, (await LoadAsync(id)).GetProperty("model_url").GetString());

        using var update = await fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", """{"slice_thickness": 5}""");
        await update.ReadAsync();
        var thick = await LoadAsync(id);
        Assert.NotEqual(url, thick.GetProperty("model_url").GetString());
        Assert.Equal(5, thick.GetProperty("spacing")[2].GetDouble());
        using var old = await fixture.Admin.GetAsync(url);
        await old.RefusedAsync(HttpStatusCode.NotFound);

        using var analysis = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
        await analysis.ReadAsync();
        var again = await LoadAsync(id);
        Assert.NotEqual(thick.GetProperty("model_url").GetString(), again.GetProperty("model_url").GetString());

        using var deleted = await fixture.Admin.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative));
        await deleted.ReadAsync();
        foreach (var name in new[] { "model_url", "texture_url" })
        {
            using var gone = await fixture.Admin.GetAsync(again.GetProperty(name).GetString()!);
            await gone.RefusedAsync(HttpStatusCode.NotFound);
        }
    }

    [Fact]
    public async Task Simulation_measures_and_answers_as_the_reference_shows()
    {
        var (id, analysis) = await AnalysedSampleAsync(("pixel_spacing", "0.5"), ("slice_thickness", "6"));
        var answer = await SimulateAsync(id, "surgical_path_001", 75);
        Assert.Equal("手术模拟完成", answer.GetProperty("message").GetString());
        Assert.Contains(answer.GetProperty("prognosisRisk").GetString(), new[] { "低", "中", "高" });
        Assert.Contains(answer.GetProperty("difficulty").GetString(), new[] { "低", "中", "高" });
        Assert.InRange(answer.GetProperty("estimatedTime").GetInt32(), 90, 720);
        Assert.Contains("不得用于临床", answer.GetProperty("disclaimer").GetString(), StringComparison.Ordinal);
        var volume = analysis.GetProperty("tumor_volume").GetDouble();
        Assert.Equal(volume, answer.GetProperty("tumorVolume").GetDouble(), 6);
        Assert.InRange(answer.GetProperty("residualVolume").GetDouble() / volume, 0.249, 0.251);
        Assert.InRange(answer.GetProperty("depth").GetDouble(), 0, 256);

        var all = await SimulateAsync(id, "surgical_path_001", 100);
        Assert.Equal(0, all.GetProperty("residualVolume").GetDouble());
        Assert.True(all.GetProperty("difficultyScore").GetDouble() > answer.GetProperty("difficultyScore").GetDouble());
        Assert.True(all.GetProperty("riskScore").GetDouble() < answer.GetProperty("riskScore").GetDouble());
        var other = await SimulateAsync(id, "surgical_path_004", 75);
        Assert.NotEqual(answer.GetProperty("depth").GetDouble(), other.GetProperty("depth").GetDouble());
    }

    [Theory]
    [InlineData(""" "resection": 75 """, "surgical_path_001")]
    [InlineData(""" "path": "surgical_path_999", "resection": 75 """, "surgical_path_001")]
    [InlineData(""" "path": "surgical_path_001" """, "resection")]
    [InlineData(""" "path": "surgical_path_001", "resection": 101 """, "resection")]
    [InlineData(""" "path": "surgical_path_001", "resection": -1 """, "resection")]
    [InlineData(""" "path": "surgical_path_001", "resection": "75" """, "resection")]
    [InlineData(""" "path": "surgical_path_005", "resection": 75 """, "surgical_path_001")]
    public async Task A_bad_plan_is_refused_with_what_is_known(string fields, string named)
    {
        var (id, _) = await AnalysedSampleAsync();
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, "/api/preop/simulate", $$"""{"image_id": {{id}}, {{fields}}}""");
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(named, body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_mask_the_reason_is_told()
    {
        var id = await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath));
        await AssertRefusedAsync(HttpStatusCode.Conflict, "尚未分析");
        using var analysis = await fixture.Admin.SendJsonAsync(HttpMethod.Post, $"/api/results/analyze/{id}", """{"conf": 1}""");
        await analysis.ReadAsync();
        await AssertRefusedAsync(HttpStatusCode.Conflict, "掩膜");
        id = 424242;
        await AssertRefusedAsync(HttpStatusCode.NotFound, "影像不存在");

        async Task AssertRefusedAsync(HttpStatusCode status, string reason)
        {
            using var load = await fixture.Admin.GetAsync($"/api/preop/load3d?image_id={id}");
            using var simulate = await fixture.Admin.PostAsync("/api/preop/simulate", new { image_id = id, path = "surgical_path_001", resection = 50 });
            foreach (var answer in new[] { load, simulate })
            {
                Assert.Contains(reason, (await answer.RefusedAsync(status)).GetProperty("error").GetString(), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("?image_id=")]
    [InlineData("?image_id=abc")]
    [InlineData("?image_id=0")]
    public async Task A_bad_image_id_is_refused(string query)
    {
        using var answer = await fixture.Admin.GetAsync($"/api/preop/load3d{query}");
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains("image_id", body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    private async Task<(int Id, JsonElement Analysis)> AnalysedSampleAsync(params (string Name, string Value)[] fields)
    {
        var id = await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath), fields);
        using var analysis = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
        return (id, await analysis.ReadAsync());
    }

    private async Task<JsonElement> LoadAsync(int id)
    {
        using var answer = await fixture.Admin.GetAsync($"/api/preop/load3d?image_id={id}");
        return await answer.ReadAsync();
    }

    private async Task<JsonElement> SimulateAsync(int id, string path, double resection)
    {
        using var answer = await fixture.Admin.PostAsync("/api/preop/simulate", new { image_id = id, path, resection });
        return await answer.ReadAsync();
    }

    private async Task<string> TextAsync(string url, string contentType)
    {
        using var answer = await fixture.Admin.GetAsync(url);
        Assert.Equal(contentType, answer.Content.Headers.ContentType?.MediaType);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>By the divergence theorem, from the file alone.</summary>
    private static double VolumeOf(string obj)
    {
        List<double[]> vertices = [];
        var sum = 0.0;
        foreach (var line in obj.Split('\n'))
        {
            var parts = line.Split(' ');
            if (parts[0] == "v")
            {
                vertices.Add([.. parts[1..].Select(part => double.Parse(part, CultureInfo.InvariantCulture))]);
            }
            else if (parts[0] == "f")
            {
                var (a, b, c) = (At(parts[1]), At(parts[2]), At(parts[3]));
                sum += (a[0] * ((b[1] * c[2]) - (b[2] * c[1]))) + (a[1] * ((b[2] * c[0]) - (b[0] * c[2]))) + (a[2] * ((b[0] * c[1]) - (b[1] * c[0])));
            }
        }

        return sum / 6;

        double[] At(string corner) => vertices[int.Parse(corner.Split('/')[0], CultureInfo.InvariantCulture) - 1];
    }
}
