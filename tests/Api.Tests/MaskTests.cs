using System.Net;
using System.Text.Json;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Tests;

public sealed class MaskTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const int Width = 96;
    private const int Height = 80;

    [Fact]
    public async Task A_drawn_mask_is_measured_kept_and_given_back()
    {
        var id = await fixture.Admin.UploadedIdAsync(null, ("pixel_spacing", "0.5"), ("slice_thickness", "4"));
        using var none = await fixture.Admin.GetAsync($"/api/medical/{id}/mask");
        await none.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");

        using var put = await fixture.Admin.PutMaskAsync(id, Box(10, 20, 30, 60));
        var kept = await put.ReadAsync();
        Assert.Equal("clinician", kept.GetProperty("mask_source").GetString());
        Assert.Equal(20 * 40 * 0.25, kept.GetProperty("tumor_area").GetDouble(), 9);
        Assert.Equal(20 * 40 * 0.25 * 4, kept.GetProperty("tumor_volume").GetDouble(), 9);
        Assert.Equal(Math.Sqrt((10 * 10) + (20 * 20)), kept.GetProperty("max_diameter").GetDouble(), 9);
        Assert.Equal("[10,20,0,30,60,1]", kept.GetProperty("bounding_box_3d").GetRawText());
        Assert.Equal(put.Headers.ETag!.Tag, kept.GetProperty("etag").GetString());

        var image = await ImageAsync(id);
        Assert.True(image.GetProperty("is_annotated").GetBoolean());
        Assert.True(image.GetProperty("tumor_detected").GetBoolean());
        Assert.Equal("clinician", image.GetProperty("mask_source").GetString());
        Assert.Equal(kept.GetProperty("tumor_volume").GetDouble(), image.GetProperty("tumor_volume").GetDouble());
        Assert.NotEqual("{}", image.GetProperty("radiomics_features").GetString());

        using var png = await fixture.Admin.GetAsync($"/api/medical/{id}/mask?format=png");
        Assert.Equal("clinician", Assert.Single(png.Headers.GetValues("X-Mask-Source")));
        Assert.Equal(put.Headers.ETag, png.Headers.ETag);
        Assert.Equal(Box(10, 20, 30, 60), await png.Content.ReadAsByteArrayAsync());
        using var nifti = await fixture.Admin.GetAsync($"/api/medical/{id}/mask?format=nifti");
        var volume = await nifti.ReadMaskAsync();
        Assert.Equal((Width, Height, 1, 20 * 40), (volume.Mask.Width, volume.Mask.Height, volume.Mask.Depth, volume.Mask.Voxels.Sum(v => v)));
        using var file = await fixture.Admin.GetAsync(image.GetProperty("segmentation_mask_path").GetString()!);
        Assert.Equal(Box(10, 20, 30, 60), await file.Content.ReadAsByteArrayAsync());

        using var conditional = new HttpRequestMessage(HttpMethod.Get, $"/api/medical/{id}/mask");
        conditional.Headers.IfNoneMatch.Add(put.Headers.ETag);
        using var unchanged = await fixture.Admin.SendAsync(conditional);
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task A_drawn_mask_outlives_an_analysis_and_its_removal_brings_the_model_s_back()
    {
        var id = await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath), ("pixel_spacing", "0.5"));
        var first = await AnalyzeAsync(id);
        Assert.Equal("model", first.GetProperty("measurements_from").GetString());
        using var before = await fixture.Admin.GetAsync($"/api/medical/{id}/mask");
        Assert.Equal("model", Assert.Single(before.Headers.GetValues("X-Mask-Source")));

        var drawn = Phantoms.Png(512, 512, (x, y) => x is >= 100 and < 110 && y is >= 200 and < 230);
        using var put = await fixture.Admin.PutMaskAsync(id, drawn, before.Headers.ETag!.Tag);
        await put.ReadAsync();
        var again = await AnalyzeAsync(id);
        Assert.Equal("clinician", again.GetProperty("measurements_from").GetString());
        Assert.Equal(300 * 0.25, again.GetProperty("tumor_area").GetDouble(), 9);
        Assert.Equal(first.GetProperty("segmentation_mask").GetString(), again.GetProperty("segmentation_mask").GetString());
        using var still = await fixture.Admin.GetAsync($"/api/medical/{id}/mask");
        Assert.Equal(drawn, await still.Content.ReadAsByteArrayAsync());

        using var delete = await fixture.Admin.DeleteAsync(new Uri($"/api/medical/{id}/mask", UriKind.Relative));
        var back = await delete.ReadAsync();
        Assert.Equal("model", back.GetProperty("mask_source").GetString());
        Assert.Equal(first.GetProperty("tumor_area").GetDouble(), back.GetProperty("tumor_area").GetDouble());
        Assert.False((await ImageAsync(id)).GetProperty("is_annotated").GetBoolean());
        using var twice = await fixture.Admin.DeleteAsync(new Uri($"/api/medical/{id}/mask", UriKind.Relative));
        await twice.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.Equal(2, await BlobsAsync(id));
    }

    [Fact]
    public async Task A_form_does_as_well_as_a_body_and_any_label_counts()
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var labels = new MemoryStream();
        PngWriter.Write(labels, [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(i % 7))], Width, Height);
        using var form = Requests.Form(new ByteArrayContent(labels.ToArray()), "mask.png");
        using var put = await fixture.Admin.PutAsync(new Uri($"/api/medical/{id}/mask", UriKind.Relative), form);
        Assert.Equal(Enumerable.Range(0, Width * Height).Count(i => i % 7 != 0), (await put.ReadAsync()).GetProperty("tumor_area").GetDouble());
    }

    [Fact]
    public async Task An_empty_mask_says_that_there_is_no_tumour()
    {
        var id = await fixture.Admin.UploadedIdAsync(await File.ReadAllBytesAsync(Requests.SamplePath));
        await AnalyzeAsync(id);
        using var before = await fixture.Admin.GetAsync("/api/dashboard/stats");
        using var put = await fixture.Admin.PutMaskAsync(id, Phantoms.Png(512, 512, (_, _) => false));
        var kept = await put.ReadAsync();
        Assert.False(kept.GetProperty("tumor_detected").GetBoolean());
        Assert.Equal(JsonValueKind.Null, kept.GetProperty("tumor_area").ValueKind);
        Assert.NotEmpty(kept.GetProperty("notes").EnumerateArray());
        Assert.False((await ImageAsync(id)).GetProperty("tumor_detected").GetBoolean());
        using var after = await fixture.Admin.GetAsync("/api/dashboard/stats");
        Assert.True(Tumours(await before.ReadAsync()) > Tumours(await after.ReadAsync()));
        using var png = await fixture.Admin.GetAsync($"/api/medical/{id}/mask");
        Assert.True((await png.ReadMaskAsync()).Mask.IsEmpty);

        static long Tumours(JsonElement stats) => stats.GetProperty("detectedTumors").GetInt64();
    }

    [Fact]
    public async Task Masks_that_do_not_lie_on_the_image_are_refused_by_what_was_expected()
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var size = await fixture.Admin.PutMaskAsync(id, Phantoms.Png(Width, Height + 1, (_, _) => true));
        var body = await size.RefusedAsync(HttpStatusCode.BadRequest, "MASK_MISMATCH");
        Assert.Contains($"{Width}×{Height}", body.GetProperty("message").GetString(), StringComparison.Ordinal);
        using var volume = await fixture.Admin.PutMaskAsync(id, Phantoms.Nifti(Phantoms.Values((_, _, _) => true)));
        await volume.RefusedAsync(HttpStatusCode.BadRequest, "MASK_MISMATCH");
        using var garbage = await fixture.Admin.PutMaskAsync(id, "no mask at all"u8.ToArray());
        await garbage.RefusedAsync(HttpStatusCode.BadRequest, "UNSUPPORTED_FORMAT");
        using var dicom = await fixture.Admin.PutMaskAsync(id, Phantoms.Dicom(new byte[Phantoms.Side * Phantoms.Side], 0));
        await dicom.RefusedAsync(HttpStatusCode.BadRequest, "UNSUPPORTED_FORMAT");
        using var empty = await fixture.Admin.PutMaskAsync(id, []);
        await empty.RefusedAsync(HttpStatusCode.BadRequest, "EMPTY_FILE");
        using var cut = await fixture.Admin.PutMaskAsync(id, Box(1, 1, 9, 9)[..60]);
        await cut.RefusedAsync(HttpStatusCode.BadRequest, "CORRUPT_IMAGE");
        using var unknown = await fixture.Admin.PutMaskAsync(424242, Box(1, 1, 9, 9));
        await unknown.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        Assert.False((await ImageAsync(id)).GetProperty("is_annotated").GetBoolean());
        Assert.Equal(0, await BlobsAsync(id));
    }

    [Theory]
    [InlineData("?format=tiff")]
    [InlineData("?format=nifti&slice=0")]
    [InlineData("?slice=1")]
    [InlineData("?slice=-1")]
    [InlineData("?slice=x")]
    public async Task Bad_questions_are_refused(string query)
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var put = await fixture.Admin.PutMaskAsync(id, Box(1, 1, 9, 9));
        await put.ReadAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{id}/mask{query}");
        await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task Two_annotators_do_not_overwrite_each_other_unknowingly()
    {
        using var doctor = await RegisterAsync("annotator");
        var id = await fixture.Admin.UploadedIdAsync();
        using var first = await fixture.Admin.PutMaskAsync(id, Box(1, 1, 9, 9), ifNoneMatch: "*");
        await first.ReadAsync();
        using var own = await fixture.Admin.PutMaskAsync(id, Box(1, 1, 10, 9));
        await own.ReadAsync();

        foreach (var (ifMatch, ifNoneMatch) in new (string?, string?)[] { (null, null), (first.Headers.ETag!.Tag, null), (null, "*"), ("W/" + own.Headers.ETag!.Tag, null) })
        {
            using var refused = await doctor.PutMaskAsync(id, Box(2, 2, 9, 9), ifMatch, ifNoneMatch);
            await refused.RefusedAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        }

        using var malformed = await doctor.PutMaskAsync(id, Box(2, 2, 9, 9), "unquoted");
        await malformed.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        using var remove = await doctor.DeleteAsync(new Uri($"/api/medical/{id}/mask", UriKind.Relative));
        await remove.RefusedAsync(HttpStatusCode.PreconditionFailed, "PRECONDITION_FAILED");
        using var knowing = await doctor.PutMaskAsync(id, Box(2, 2, 9, 9), own.Headers.ETag!.Tag);
        await knowing.ReadAsync();

        // Of many who saw the same mask one gets through.
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i =>
            (i % 2 == 0 ? doctor : fixture.Admin).PutMaskAsync(id, Box(3, 3, 20 + i, 30), knowing.Headers.ETag!.Tag)));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
        Assert.Equal(2, await BlobsAsync(id));
    }

    [Fact]
    public async Task Who_may_not_edit_may_not_draw()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Auth__SelfRegistrationRole"] = "technician" });
        using var admin = await api.LogInAsync();
        using var technician = await RegisterAsync("technician", api);
        var id = await admin.UploadedIdAsync();
        using var put = await technician.PutMaskAsync(id, Box(1, 1, 9, 9));
        await put.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var drawn = await admin.PutMaskAsync(id, Box(1, 1, 9, 9));
        await drawn.ReadAsync();
        using var seen = await technician.GetAsync($"/api/medical/{id}/mask");
        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        using var delete = await technician.DeleteAsync(new Uri($"/api/medical/{id}/mask", UriKind.Relative));
        await delete.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var stranger = api.Anonymous();
        using var hidden = await stranger.GetAsync($"/api/medical/{id}/mask");
        await hidden.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
    }

    [Fact]
    public async Task Without_lengths_there_is_no_DICOM_segmentation_and_with_them_there_is()
    {
        var bare = await fixture.Admin.UploadedIdAsync();
        using var put = await fixture.Admin.PutMaskAsync(bare, Box(10, 20, 30, 60));
        await put.ReadAsync();
        using var refused = await fixture.Admin.GetAsync($"/api/medical/{bare}/mask?format=dicomseg");
        var body = await refused.RefusedAsync(HttpStatusCode.Conflict, "NO_GEOMETRY");
        Assert.Contains("pixel_spacing", body.GetProperty("message").GetString(), StringComparison.Ordinal);

        var stated = await fixture.Admin.UploadedIdAsync(null, ("pixel_spacing", "0.5"), ("slice_thickness", "4"), ("patient_id", "P9"));
        using var again = await fixture.Admin.PutMaskAsync(stated, Box(10, 20, 30, 60));
        await again.ReadAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{stated}/mask?format=dicomseg");
        Assert.Equal("application/dicom", answer.Content.Headers.ContentType!.MediaType);
        var file = await answer.Content.ReadAsByteArrayAsync();
        var read = ImageReader.Read(new MemoryStream(file));
        Assert.Equal((Width, Height, 1, "P9"), (read.Width, read.Height, read.Depth, read.Study.PatientId));
        Assert.Equal(new VoxelSpacing(0.5, 0.5, 4), read.Spacing);
        Assert.Equal(20 * 40, read.Voxels.Sum());
        using var twice = await fixture.Admin.GetAsync($"/api/medical/{stated}/mask?format=dicomseg");
        Assert.Equal(file, await twice.Content.ReadAsByteArrayAsync());
    }

    private static byte[] Box(int x0, int y0, int x1, int y1) =>
        Phantoms.Png(Width, Height, (x, y) => x >= x0 && x < x1 && y >= y0 && y < y1);

    private async Task<int> BlobsAsync(int id)
    {
        var key = (await ImageAsync(id)).GetProperty("filename").GetString()![..32];
        return Directory.GetFiles(Path.Combine(fixture.Api.DataFolder, "blobs"), $"{key}_mask*", SearchOption.AllDirectories).Length / 2;
    }

    private async Task<JsonElement> ImageAsync(int id)
    {
        using var answer = await fixture.Admin.GetAsync($"/api/medical/{id}");
        return await answer.ReadAsync();
    }

    private async Task<JsonElement> AnalyzeAsync(int id)
    {
        using var answer = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
        return await answer.ReadAsync();
    }

    private async Task<HttpClient> RegisterAsync(string name, ApiProcess? other = null)
    {
        var api = other ?? fixture.Api;
        using var client = api.Anonymous();
        using var answer = await client.PostAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = "SecurePass123" });
        await answer.ReadAsync(HttpStatusCode.Created);
        return await api.LogInAsync(name, "SecurePass123");
    }
}
