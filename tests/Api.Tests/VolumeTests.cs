using System.Net;
using System.Text.Json;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Tests.Segmentation;

namespace TumorFunctions.Api.Tests;

/// <summary>An API whose models outline whatever is brighter than half, surely and not so surely.</summary>
public sealed class MirrorFixture : IAsyncLifetime, IDisposable
{
    private readonly TestModels.Folder _models = new();

    public ApiProcess Api { get; private set; } = null!;

    public string ModelFolder => _models.Path;

    public HttpClient Admin { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Write();
        Api = await ApiProcess.StartAsync(new() { ["Models__Folder"] = _models.Path, ["Models__Default"] = "sure" });
        Admin = await Api.LogInAsync();
    }

    public async Task DisposeAsync()
    {
        Admin.Dispose();
        await Api.DisposeAsync();
    }

    /// <summary>Writes the models, for an API that a test starts itself.</summary>
    public void Write()
    {
        _models.Write("sure.onnx", Model(batch: null, score: 0.9f));
        _models.Write("unsure.onnx", Model(batch: 1, score: 0.4f));
    }

    public void Dispose() => _models.Dispose();

    private static byte[] Model(int? batch, float score) =>
        TestModels.Mirror(batch, Phantoms.Side, Phantoms.Side, Phantoms.Side, Phantoms.Side, 0.5f, [1, 0, 0], score).ToArray();
}

/// <summary>Volumes through models that outline whatever is bright, so that every number of the answer is known.</summary>
public sealed class VolumeTests(MirrorFixture fixture) : IClassFixture<MirrorFixture>
{
    private readonly HttpClient _admin = fixture.Admin;

    [Theory]
    [InlineData("sure", true)]
    [InlineData("unsure", false)]
    public async Task A_tumour_is_measured_in_space_and_a_lone_spot_counts_only_where_the_model_is_sure(string model, bool spotCounts)
    {
        var values = Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z, spot: true));
        var id = await UploadAsync(Phantoms.Nifti(values), "scan.nii");
        var analysis = await AnalyzeAsync(id, model);
        var ball = Enumerable.Range(0, values.Length).Count(i => Inside(i, spot: false));
        var voxels = ball + (spotCounts ? 12 : 0);
        Assert.Equal(voxels * 2 * 2 * 3.5, analysis.GetProperty("tumor_volume").GetDouble(), 9);
        Assert.Equal(spotCounts ? 2 : 1, analysis.GetProperty("lesion_count").GetInt32());
        var primary = analysis.GetProperty("lesions")[0];
        Assert.Equal(ball, primary.GetProperty("voxels").GetInt32());
        Assert.Equal(spotCounts ? 0.9 : 0.4, primary.GetProperty("confidence").GetDouble(), 4);
        Assert.Equal(spotCounts, !analysis.GetProperty("notes").EnumerateArray().Any(note => note.GetString()!.Contains("未计入", StringComparison.Ordinal)));

        // Towards right and front in the file, towards left and back as shown.
        var inside = Enumerable.Range(0, values.Length).Where(i => Inside(i, spot: false)).ToArray();
        int[] box =
        [
            31 - inside.Max(X), 31 - inside.Max(Y), inside.Min(Z), 32 - inside.Min(X), 32 - inside.Min(Y), inside.Max(Z) + 1,
        ];
        Assert.Equal(box, Numbers(primary.GetProperty("bounding_box")));
        Assert.Equal("axial", analysis.GetProperty("view").GetString());
        Assert.Equal(4, analysis.GetProperty("slice").GetInt32());
        Assert.Equal([2, 2, 3.5], analysis.GetProperty("spacing").EnumerateArray().Select(v => v.GetDouble()));

        // The ball's own diameter: corners of voxels lie within 9 mm and a voxel's diagonal of its centre.
        Assert.InRange(analysis.GetProperty("max_diameter").GetDouble(), 16, 2 * (9 + 2.3));

        // The middle slice as shown, and the whole on the file's own array.
        var png = ImageReader.Read(new MemoryStream(Convert.FromBase64String(analysis.GetProperty("segmentation_mask").GetString()!.Split(',')[1])));
        for (var i = 0; i < Phantoms.Side * Phantoms.Side; i++)
            Assert.Equal(Phantoms.IsTumour(31 - (i % 32), 31 - (i / 32), 4), png.Voxels[i] > 0);
        using var whole = await _admin.GetAsync(analysis.GetProperty("mask_url").GetString()!);
        var mask = await whole.ReadMaskAsync();
        Assert.Equal(Enumerable.Range(0, values.Length).Select(i => Inside(i, spotCounts) ? (byte)1 : (byte)0), mask.Mask.Voxels);
        Assert.Equal([30.0, 40, -20], mask.Geometry.Orientation!.Origin);
        Assert.Equal(new VoxelSpacing(2, 2, 3.5), mask.Geometry.Spacing);

        using var slice = await _admin.GetAsync($"/api/medical/{id}/mask?slice=6");
        var sixth = await slice.ReadMaskAsync();
        for (var i = 0; i < Phantoms.Side * Phantoms.Side; i++)
            Assert.Equal(Phantoms.IsTumour(31 - (i % 32), 31 - (i / 32), 6), sixth.Mask.Voxels[i] > 0);
        using var beyond = await _admin.GetAsync($"/api/medical/{id}/mask?slice=10");
        await beyond.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
    }

    [Fact]
    public async Task A_lone_spot_that_is_not_sure_leaves_no_tumour()
    {
        var id = await UploadAsync(Phantoms.Nifti(Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z, spot: true) && z == 8)), "scan.nii");
        var analysis = await AnalyzeAsync(id, "unsure");
        Assert.False(analysis.GetProperty("tumor_detected").GetBoolean());
        Assert.Equal(0.4, analysis.GetProperty("confidence_score").GetDouble(), 4);
        Assert.Equal(JsonValueKind.Null, analysis.GetProperty("mask_url").ValueKind);
    }

    [Fact]
    public async Task A_series_and_its_segmentation_refer_to_each_other()
    {
        var values = Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z));
        var id = await UploadAsync(Phantoms.Zip(values), "series.zip");
        var analysis = await AnalyzeAsync(id, "sure");
        Assert.Equal(
            Enumerable.Range(0, values.Length).Count(i => Inside(i, spot: false)) * 14,
            analysis.GetProperty("tumor_volume").GetDouble(),
            9);
        using var answer = await _admin.GetAsync($"/api/medical/{id}/mask?format=dicomseg");
        var file = await answer.Content.ReadAsByteArrayAsync();
        var read = ImageReader.Read(new MemoryStream(file));
        var held = Enumerable.Range(0, Phantoms.Depth).Where(z => Enumerable.Range(0, 1024).Any(i => Phantoms.IsTumour(i % 32, i / 32, z))).ToArray();
        Assert.Equal((32, 32, held.Length), (read.Width, read.Height, read.Depth));
        Assert.Equal(new VoxelSpacing(2, 2, 3.5), read.Spacing);
        Assert.Equal([-31, -40, (held[0] * 3.5) - 12], read.Orientation!.Origin);
        Assert.Equal(
            values[(held[0] * 1024)..((held[^1] + 1) * 1024)].Select(value => value == 200 ? 1f : 0f), read.Voxels);
        Assert.Equal(("1.2.826.0.1.7", "1.2.826.0.1.9", "P42"), (read.Source!.StudyInstanceUid, read.Source.FrameOfReferenceUid, read.Source.PatientId));
        Assert.NotEqual("1.2.826.0.1.8", read.Source.SeriesInstanceUid);
        foreach (var z in held)
            Assert.True(file.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes($"1.2.826.0.1.77.{z + 1}")) > 0, $"slice {z}");
    }

    [Fact]
    public async Task A_clinician_s_volume_may_come_in_any_order_of_its_axes_but_only_from_the_same_place()
    {
        var scan = Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z));
        var id = await UploadAsync(Phantoms.Nifti(scan), "scan.nii");
        var drawn = Phantoms.Values((x, y, z) => x is >= 3 and < 9 && y is >= 4 and < 6 && z is >= 1 and < 4, 0, 7);
        foreach (var file in new[] { Phantoms.Nifti(drawn), Phantoms.NiftiMirrored(drawn) })
        {
            using var put = await _admin.PutMaskAsync(id, file);
            var kept = await put.ReadAsync();
            Assert.Equal(6 * 2 * 3 * 14, kept.GetProperty("tumor_volume").GetDouble(), 9);
            Assert.Equal([23, 26, 1, 29, 28, 4], Numbers(kept.GetProperty("bounding_box_3d")));
            using var nifti = await _admin.GetAsync($"/api/medical/{id}/mask?format=nifti");
            Assert.Equal(drawn.Select(value => value == 7 ? (byte)1 : (byte)0), (await nifti.ReadMaskAsync()).Mask.Voxels);
        }

        foreach (var (file, expected) in new[]
        {
            (Phantoms.Nifti(drawn, [-30, -39, -20]), "LPS (30, 40, -20)"),
            (Phantoms.Nifti(drawn, flippedX: true), "LPS (30, 40, -20)"),
            (Phantoms.Nifti(drawn, placed: false), "sform"),
            (Phantoms.Png(32, 32, (_, _) => true), "32×32×10"),
        })
        {
            using var refused = await _admin.PutMaskAsync(id, file);
            var body = await refused.RefusedAsync(HttpStatusCode.BadRequest, "MASK_MISMATCH");
            Assert.Contains(expected, body.GetProperty("message").GetString(), StringComparison.Ordinal);
        }
    }

    private static bool Inside(int i, bool spot) => Phantoms.IsTumour(X(i), Y(i), Z(i), spot);

    private static int X(int i) => i % 32;

    private static int Y(int i) => i / 32 % 32;

    private static int Z(int i) => i / 1024;

    private static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    private async Task<int> UploadAsync(byte[] file, string name)
    {
        using var answer = await _admin.UploadAsync(file, name);
        return (await answer.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
    }

    private async Task<JsonElement> AnalyzeAsync(int id, string model)
    {
        using var answer = await _admin.PostAsync($"/api/results/analyze/{id}", new { weightPath = model });
        return await answer.ReadAsync();
    }
}
