using System.Globalization;
using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Api.Preop;

/// <summary>Plays through the removal of a tumour along a named path; nothing is kept.</summary>
public sealed class SimulationService(ImageService images, ImageDecoder decoder, MaskInForce masks)
{
    private const string Disclaimer = "本结果由公式估算，仅供科研与教学参考，不得用于临床决策";

    private static readonly string[] Fields = ["image_id", "path", "resection"];

    public async Task<SimulationAnswer> SimulateAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var imageId = fields.WholeNumber("image_id", 1, int.MaxValue) ?? throw new ValidationException("缺少字段 image_id");
        var path = fields.Text("path") ?? throw new ValidationException("缺少字段 path", Known());
        var approach = SurgicalApproach.Find(path) ?? throw new ValidationException("未知的手术路径", Known());
        var resection = fields.Number("resection", 0, 100) ?? throw new ValidationException("缺少字段 resection", "切除比例为 0 到 100 之间的百分数");
        var record = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;

        var volume = await decoder.DecodeAsync(record, cancellationToken);
        var mask = await masks.RequireAsync(record, cancellationToken);
        var direction = approach.InVoxels(volume)
            ?? throw new ValidationException($"单层影像无法模拟 {approach.Name}", Known(volume));
        var spacing = SpacingChoice.For(volume.Geometry, record.Facts);
        var result = ResectionSimulator.Simulate(
            volume, mask.Mask, spacing.Voxel, spacing.SliceThickness is not null, direction, resection / 100);
        return new SimulationAnswer(
            "手术模拟完成",
            SurgicalScore.LevelOf(result.Score.Risk),
            SurgicalScore.LevelOf(result.Score.Difficulty),
            result.Score.Minutes,
            SurgicalAdvice.For(result, resection / 100),
            approach.Id,
            approach.Name,
            resection,
            Math.Round(100 * (1 - result.ResidualShare), 2),
            result.Volume,
            result.ResidualVolume,
            Millimetres(result.Depth),
            Millimetres(result.Reach),
            result.EdgeDistance is { } edge ? Millimetres(edge) : null,
            Math.Round(result.Score.Risk, 2),
            Math.Round(result.Score.Difficulty, 2),
            spacing.Source,
            Disclaimer,
            NotesOn(volume, spacing, result));
    }

    private static List<string> NotesOn(Volume volume, SpacingChoice spacing, SurgicalSimulation result)
    {
        List<string> notes = [.. volume.Notes, .. spacing.Notes];
        if (volume.Orientation is null)
        {
            notes.Add("文件未包含方位信息，按放射学惯例的轴位影像处理：图像左侧为患者右侧，上方为前");
        }

        if (result.SurfaceCutOff)
        {
            notes.Add("沿手术路径影像边缘处仍为头部组织，深度只是下限");
        }

        if (!result.IsBrainApart)
        {
            notes.Add("未能从影像中区分脑与头皮，到脑边缘的距离按头部边缘计算");
        }

        if (result.Volume is null)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"评分所用体积按最大截面的等效球体估算：{result.ScoredVolume:0.#} mm³"));
        }

        if (result.EdgeDistance is null)
        {
            notes.Add("影像未显示脑的边缘，无法计算肿瘤到脑边缘的距离，评分按 0 计");
        }

        return notes;
    }

    private static string Known(Volume? volume = null) =>
        "可用路径: " + string.Join("、", SurgicalApproach.All
            .Where(approach => volume is null || approach.InVoxels(volume) is not null)
            .Select(approach => $"{approach.Id} {approach.Name}"));

    private static double Millimetres(double value) => Math.Round(value, 2);
}
