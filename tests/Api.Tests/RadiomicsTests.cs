using System.Net;
using System.Text.Json;

namespace TumorFunctions.Api.Tests;

public sealed class RadiomicsTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private static readonly string[] ReferenceNames =
    [
        "GLCM_Contrast", "GLCM_Energy", "GLRLM_SRE", "GLRLM_LRE", "FirstOrder_Mean", "FirstOrder_Std", "FirstOrder_Median", "FirstOrder_Range",
    ];

    [Fact]
    public async Task Features_are_of_the_mask_in_force_and_computed_once()
    {
        var id = await DrawnAsync(10, ("pixel_spacing", "0.5"), ("slice_thickness", "4"));
        using var first = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={id}");
        var features = await first.ReadAsync();
        Assert.Equal(ReferenceNames, features.EnumerateArray().Take(8).Select(Name));
        Assert.Equal("miss", Assert.Single(first.Headers.GetValues("X-Cache")));
        Assert.Equal("clinician", Assert.Single(first.Headers.GetValues("X-Mask-Source")));
        Assert.Equal(100, Value(features, "shape_VoxelVolume"), 9);
        Assert.All(features.EnumerateArray(), feature => Assert.True(
            feature.GetProperty("value").ValueKind == JsonValueKind.Number || feature.GetProperty("reason").GetString()!.Length > 0));

        using var again = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={id}&bin_width=25");
        Assert.Equal("hit", Assert.Single(again.Headers.GetValues("X-Cache")));
        Assert.Equal(features.GetRawText(), (await again.ReadAsync()).GetRawText());

        using var image = await fixture.Admin.GetAsync($"/api/medical/{id}");
        var kept = JsonDocument.Parse((await image.ReadAsync()).GetProperty("radiomics_features").GetString()!).RootElement;
        Assert.Equal(Value(features, "glcm_Contrast"), kept.GetProperty("glcm_Contrast").GetDouble());

        await PutAsync(id, 20);
        using var other = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={id}");
        Assert.Equal("miss", Assert.Single(other.Headers.GetValues("X-Cache")));
        Assert.Equal(400, Value(await other.ReadAsync(), "shape_VoxelVolume"), 9);
        Assert.NotEqual(first.Headers.ETag, other.Headers.ETag);
    }

    [Fact]
    public async Task Options_change_what_is_computed()
    {
        var id = await DrawnAsync(20, ("pixel_spacing", "0.5"), ("slice_thickness", "4"));
        var plain = await ExtractAsync(id, "");
        var ibsi = await ExtractAsync(id, "&convention=ibsi&bin_count=16");
        Assert.Equal(ReferenceNames, ibsi.EnumerateArray().Take(8).Select(Name));
        Assert.Contains("cm_contrast_2D_avg", ibsi.EnumerateArray().Select(Name));
        var wide = await ExtractAsync(id, "&bin_width=100");
        Assert.True(Value(wide, "glcm_Contrast") < Value(plain, "glcm_Contrast"));
        var coarse = await ExtractAsync(id, "&resample=1");
        Assert.NotEqual(Value(plain, "firstorder_Energy"), Value(coarse, "firstorder_Energy"));
        Assert.InRange(Value(coarse, "shape_VoxelVolume"), 300, 500);
        var merged = await ExtractAsync(id, "&aggregation=merged&resample=0,0,0&force2d=true");
        Assert.Equal(Value(plain, "firstorder_Mean"), Value(merged, "firstorder_Mean"));
    }

    [Theory]
    [InlineData("", "image_id")]
    [InlineData("image_id=x", "image_id")]
    [InlineData("image_id=0", "image_id")]
    [InlineData("image_id={0}&convention=other", "convention")]
    [InlineData("image_id={0}&bin_width=0", "bin_width")]
    [InlineData("image_id={0}&bin_width=NaN", "bin_width")]
    [InlineData("image_id={0}&bin_count=0", "bin_count")]
    [InlineData("image_id={0}&bin_count=9000", "bin_count")]
    [InlineData("image_id={0}&bin_count=4&bin_width=4", "bin_count")]
    [InlineData("image_id={0}&resample=1,2", "resample")]
    [InlineData("image_id={0}&resample=-1", "resample")]
    [InlineData("image_id={0}&resample=1e-9", "resample")]
    [InlineData("image_id={0}&aggregation=sum", "aggregation")]
    [InlineData("image_id={0}&force2d=2", "force2d")]
    public async Task Bad_questions_are_refused_by_the_name_of_the_parameter(string query, string parameter)
    {
        var id = await DrawnAsync(10, ("pixel_spacing", "0.5"));
        using var answer = await fixture.Admin.GetAsync($"/api/radiomics/extract?{query.Replace("{0}", $"{id}", StringComparison.Ordinal)}");
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(parameter, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_region_or_lengths_the_reason_is_told()
    {
        using var unknown = await fixture.Admin.GetAsync("/api/radiomics/extract?image_id=424242");
        await unknown.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        var bare = await fixture.Admin.UploadedIdAsync();
        using var none = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={bare}");
        Assert.Contains("掩膜", (await none.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND")).GetProperty("error").GetString(), StringComparison.Ordinal);
        await PutAsync(bare, 0);
        using var empty = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={bare}");
        await empty.RefusedAsync(HttpStatusCode.Conflict, "EMPTY_MASK");
        await PutAsync(bare, 10);
        using var unmeasured = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={bare}&resample=1");
        await unmeasured.RefusedAsync(HttpStatusCode.Conflict, "NO_GEOMETRY");
        var flat = await ExtractAsync(bare, "");
        Assert.Equal(JsonValueKind.Null, Find(flat, "shape_MeshVolume").GetProperty("value").ValueKind);
        Assert.Contains("slice_thickness", Find(flat, "shape_MeshVolume").GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_for_by_many_at_once_all_get_the_same()
    {
        var id = await DrawnAsync(30, ("pixel_spacing", "0.5"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ExtractAsync(id, "&bin_count=32")));
        Assert.Single(answers.Select(answer => answer.GetRawText()).Distinct());
        using var delete = await fixture.Admin.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative));
        await delete.ReadAsync();
        using var gone = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={id}&bin_count=32");
        await gone.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
    }

    private async Task<int> DrawnAsync(int side, params (string Name, string Value)[] fields)
    {
        var id = await fixture.Admin.UploadedIdAsync(null, fields);
        await PutAsync(id, side);
        return id;
    }

    private async Task PutAsync(int id, int side)
    {
        using var put = await fixture.Admin.PutMaskAsync(
            id, Phantoms.Png(96, 80, (x, y) => x >= 40 && x < 40 + side && y >= 30 && y < 30 + side));
        await put.ReadAsync();
    }

    private async Task<JsonElement> ExtractAsync(int id, string options)
    {
        using var answer = await fixture.Admin.GetAsync($"/api/radiomics/extract?image_id={id}{options}");
        return await answer.ReadAsync();
    }

    private static string Name(JsonElement feature) => feature.GetProperty("name").GetString()!;

    private static JsonElement Find(JsonElement features, string name) => features.EnumerateArray().Single(feature => Name(feature) == name);

    private static double Value(JsonElement features, string name) => Find(features, name).GetProperty("value").GetDouble();
}
