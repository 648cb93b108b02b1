using System.Net;
using System.Text.Json;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Tests;

public sealed class WorkbenchTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Preprocessing_without_steps_gives_the_image_back()
    {
        var png = Requests.Png(seed: 5);
        var answer = await PreprocessAsync(await fixture.Admin.UploadedIdAsync(png), """ "normalize": "none", "denoise": "none", "clahe": false """);
        Assert.Equal("预处理完成", answer.GetProperty("message").GetString());
        Assert.Equal(ImageReader.Read(new MemoryStream(png)).Voxels, PictureOf(answer).Voxels);
    }

    [Fact]
    public async Task Sixteen_bits_stay_sixteen_bits()
    {
        var levels = Enumerable.Range(0, 96 * 80).Select(i => (ushort)(i % 4096)).ToArray();
        using var png = new MemoryStream();
        PngWriter.Write16(png, levels, 96, 80);
        var id = await fixture.Admin.UploadedIdAsync(png.ToArray());
        Assert.Equal(levels.Select(level => (float)level), PictureOf(await PreprocessAsync(id, "")).Voxels);
        var stretched = PictureOf(await PreprocessAsync(id, """ "normalize": "minmax" """));
        Assert.Equal((16, 0f, 65_535f), (stretched.BitsPerSample, stretched.Voxels.Min(), stretched.Voxels.Max()));
        Assert.Equal(4096, stretched.Voxels.Distinct().Count());
        Assert.True(PictureOf(await PreprocessAsync(id, """ "normalize": "minmax", "clahe": true """)).Voxels.Distinct().Count() > 1000);
    }

    [Fact]
    public async Task Every_step_changes_the_picture_in_its_own_way()
    {
        var id = await fixture.Admin.UploadedIdAsync();
        var seen = new HashSet<string>();
        foreach (var steps in new[]
        {
            "", """ "normalize": "minmax" """, """ "normalize": "zscore" """, """ "denoise": "bilateral" """,
            """ "denoise": "gaussian" """, """ "denoise": "median" """, """ "clahe": true """,
        })
        {
            Assert.True(seen.Add((await PreprocessAsync(id, steps)).GetProperty("preprocessed_image").GetString()!), steps);
        }
    }

    [Theory]
    [InlineData("""{}""", "image_id")]
    [InlineData("""{"image_id": 0}""", "image_id")]
    [InlineData("""{"image_id": 1, "normalize": "max"}""", "zscore")]
    [InlineData("""{"image_id": 1, "denoise": "nlm"}""", "bilateral")]
    [InlineData("""{"image_id": 1, "clahe": "yes"}""", "clahe")]
    [InlineData("""{"image_id": 1, "slice": -1}""", "slice")]
    [InlineData("""{"image_id": 1, "sharpen": true}""", "sharpen")]
    public async Task A_bad_preprocessing_is_refused_by_name(string json, string named)
    {
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, "/api/workbench/preprocess", json);
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(named, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "degrees": 181 """, "degrees")]
    [InlineData(""" "translate": 1.5 """, "translate")]
    [InlineData(""" "scale": -0.1 """, "scale")]
    [InlineData(""" "flipud": 1 """, "flipud")]
    [InlineData(""" "num_samples": 0 """, "num_samples")]
    [InlineData(""" "num_samples": 1000000 """, "num_samples")]
    [InlineData(""" "seed": -3 """, "seed")]
    [InlineData(""" "slice": 1 """, "slice")]
    public async Task A_bad_augmentation_is_refused_by_name(string field, string named)
    {
        using var answer = await AugmentAsync(await fixture.Admin.UploadedIdAsync(), field);
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(named, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_images_are_not_found()
    {
        foreach (var path in new[] { "preprocess", "augment" })
        {
            using var answer = await fixture.Admin.PostAsync($"/api/workbench/{path}", new { image_id = 424242 });
            await answer.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        }
    }

    [Fact]
    public async Task Samples_are_served_under_their_addresses_and_come_again_with_the_seed()
    {
        var id = await fixture.Admin.UploadedIdAsync(Requests.Png(seed: 9));
        const string ranges = """ "degrees": 15, "translate": 0.1, "scale": 0.1, "flipud": true, "num_samples": 3, "seed": 7 """;
        var first = await ReadAsync(await AugmentAsync(id, ranges));
        var second = await ReadAsync(await AugmentAsync(id, ranges));
        Assert.Equal(3, first.GetProperty("total").GetInt32());
        var pictures = new List<byte[]>();
        foreach (var (one, other) in first.GetProperty("augmented_images").EnumerateArray().Zip(second.GetProperty("augmented_images").EnumerateArray()))
        {
            Assert.StartsWith("/uploads/augmented/", one.GetProperty("url").GetString(), StringComparison.Ordinal);
            Assert.Equal(JsonValueKind.Null, one.GetProperty("mask_url").ValueKind);
            Assert.InRange(one.GetProperty("degrees").GetDouble(), -15, 15);
            pictures.Add(await FileAsync(one.GetProperty("url").GetString()!));
            Assert.Equal(pictures[^1], await FileAsync(other.GetProperty("url").GetString()!));
        }

        Assert.Equal(3, pictures.Select(Convert.ToBase64String).Distinct().Count());
    }

    [Fact]
    public async Task A_flipped_sample_is_the_image_flipped_with_its_mask()
    {
        var id = await AnalysedSampleAsync();
        var answer = await ReadAsync(await AugmentAsync(id, """ "fliplr": true, "num_samples": 1 """));
        var sample = answer.GetProperty("augmented_images")[0];
        using var record = await fixture.Admin.GetAsync($"/api/medical/{id}");
        var mask = Picture(await FileAsync((await record.ReadAsync()).GetProperty("segmentation_mask_path").GetString()!));
        AssertFlipped(Picture(await File.ReadAllBytesAsync(Requests.SamplePath)), Picture(await FileAsync(sample.GetProperty("url").GetString()!)));
        AssertFlipped(mask, Picture(await FileAsync(sample.GetProperty("mask_url").GetString()!)));
    }

    [Fact]
    public async Task Samples_end_with_their_image_and_are_seen_by_who_sees_it()
    {
        var id = await AnalysedSampleAsync();
        var answer = await ReadAsync(await AugmentAsync(id, """ "degrees": 10, "num_samples": 2 """));
        var urls = answer.GetProperty("augmented_images").EnumerateArray()
            .SelectMany(sample => new[] { sample.GetProperty("url").GetString()!, sample.GetProperty("mask_url").GetString()! }).ToArray();
        using var anonymous = fixture.Api.Anonymous();
        using var refused = await anonymous.GetAsync(urls[0]);
        await refused.RefusedAsync(HttpStatusCode.Unauthorized);

        using var deleted = await fixture.Admin.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative));
        await deleted.ReadAsync();
        foreach (var url in urls)
        {
            using var gone = await fixture.Admin.GetAsync(url);
            await gone.RefusedAsync(HttpStatusCode.NotFound);
            Assert.Empty(Directory.GetFiles(fixture.Api.DataFolder, $"{url.Split('/')[^1]}*", SearchOption.AllDirectories));
        }
    }

    [Fact]
    public async Task The_oldest_set_makes_room_for_the_eleventh()
    {
        var id = await fixture.Admin.UploadedIdAsync(Requests.Png(seed: 11));
        var urls = new List<string>();
        for (var i = 0; i < 11; i++)
        {
            var answer = await ReadAsync(await AugmentAsync(id, """ "num_samples": 1 """));
            urls.Add(answer.GetProperty("augmented_images")[0].GetProperty("url").GetString()!);
        }

        using var oldest = await fixture.Admin.GetAsync(urls[0]);
        await oldest.RefusedAsync(HttpStatusCode.NotFound);
        Assert.NotEmpty(await FileAsync(urls[1]));
    }

    private async Task<JsonElement> PreprocessAsync(int id, string steps)
    {
        var json = steps.Length == 0 ? $$"""{"image_id": {{id}}}""" : $$"""{"image_id": {{id}}, {{steps}}}""";
        using var answer = await fixture.Admin.SendJsonAsync(HttpMethod.Post, "/api/workbench/preprocess", json);
        return await answer.ReadAsync();
    }

    private Task<HttpResponseMessage> AugmentAsync(int id, string fields) =>
        fixture.Admin.SendJsonAsync(HttpMethod.Post, "/api/workbench/augment", $$"""{"image_id": {{id}}, {{fields}}}""");

    private async Task<int> AnalysedSampleAsync()
    {
        var id = await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath));
        using var analysis = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
        Assert.True((await analysis.ReadAsync()).GetProperty("tumor_detected").GetBoolean());
        return id;
    }

    private async Task<byte[]> FileAsync(string url)
    {
        using var answer = await fixture.Admin.GetAsync(url);
        Assert.Equal("image/png", answer.Content.Headers.ContentType?.MediaType);
        return await answer.Content.ReadAsByteArrayAsync();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            return await answer.ReadAsync();
        }
    }

    private static Volume PictureOf(JsonElement answer) =>
        Picture(Convert.FromBase64String(answer.GetProperty("preprocessed_image").GetString()!.Split(',')[1]));

    private static Volume Picture(byte[] png) => ImageReader.Read(new MemoryStream(png));

    private static void AssertFlipped(Volume expected, Volume actual)
    {
        for (var y = 0; y < expected.Height; y++)
        {
            Assert.Equal(
                expected.Slice(0).Slice(y * expected.Width, expected.Width).ToArray().Reverse(),
                actual.Slice(0).Slice(y * expected.Width, expected.Width).ToArray());
        }
    }
}
