using System.Text.Json;
using TumorFunctions.Api.Masks;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Reports;

namespace TumorFunctions.Api.Reports;

/// <summary>Words a report, the same for every format.</summary>
internal static class ReportComposer
{
    private const string Missing = "未提供";
    private const string NotMeasured = "—";
    private const string Title = "脑肿瘤影像分析报告";
    private const string Disclaimer = "仅供研究使用 / 非诊断用途 (Research use only. Not for diagnosis.)";

    public static ReportDocument Compose(ReportRecord report, byte[] slice) => Document(
        report.Snapshot,
        slice,
        Title,
        $"报告编号 {report.ReportId:000000}    影像编号 {report.ImageId}",
        report.Notes,
        report.Metrics,
        report.DoctorName,
        report.SavedAt);

    /// <param name="changedAt">When the image's record was last changed.</param>
    public static ReportDocument Draft(int imageId, ReportSnapshot snapshot, byte[] slice, DateTimeOffset changedAt) =>
        Document(snapshot, slice, $"{Title} (草稿)", $"未保存的草稿    影像编号 {imageId}", null, null, null, changedAt);

    private static ReportDocument Document(
        ReportSnapshot snapshot,
        byte[] slice,
        string title,
        string number,
        string? notes,
        JsonElement? sent,
        string? doctor,
        DateTimeOffset date) => new()
        {
            Title = title,
            Subtitle = snapshot.Facts.Institution ?? "医疗机构未提供",
            Number = number,
            Sections =
            [
                Patient(snapshot),
                Study(snapshot),
                Pictures(snapshot, slice),
                Measurements(snapshot, sent),
                .. Lesions(snapshot),
                new TextSection("医生意见", notes ?? Missing),
                .. Charts(snapshot),
                .. RadiomicsTable.Of(snapshot.Mask),
                .. Model(snapshot),
                .. snapshot.Notes.Count == 0 ? (ReportSection[])[] : [new TextSection("说明", string.Join('\n', snapshot.Notes.Select(note => $"· {note}")))],
            ],
            Signature =
            [
                new ReportFact("报告医生", doctor ?? Missing), new ReportFact("签名", null), new ReportFact("日期", Time(date)),
            ],
            Disclaimer = Disclaimer,
            Date = date,
            Author = doctor ?? "TumorFunctions",
        };

    private static FactsSection Patient(ReportSnapshot snapshot)
    {
        var facts = snapshot.Facts;
        return new FactsSection("患者信息",
        [
            new ReportFact("姓名", facts.PatientName ?? Missing),
            new ReportFact("患者编号", facts.PatientId ?? Missing),
            new ReportFact("性别", facts.Gender switch { "M" => "男", "F" => "女", "O" => "其他", _ => Missing }),
            new ReportFact("年龄", facts.Age is { } age ? Invariant($"{age} 岁") : Missing),
            new ReportFact("检查日期", facts.ScanDate ?? facts.StudyDate ?? Missing),
            new ReportFact("已有诊断", snapshot.Diagnosis ?? Missing),
        ]);
    }

    private static FactsSection Study(ReportSnapshot snapshot)
    {
        var source = snapshot.SpacingSource switch
        {
            SpacingChoice.File => "来自文件",
            SpacingChoice.User => "由用户提供",
            _ => "未知，按 1 mm 假定",
        };
        var thickness = snapshot.Spacing.Length > 2 ? Invariant($"{snapshot.Spacing[2]:0.###} mm") : Missing;
        return new FactsSection("检查与技术",
        [
            new ReportFact("模态", snapshot.Facts.Modality ?? Missing),
            new ReportFact("部位", snapshot.Facts.BodyPart ?? Missing),
            new ReportFact("矩阵", Invariant($"{snapshot.Width} × {snapshot.Height} × {snapshot.Depth}")),
            new ReportFact("切面", snapshot.Picture.View switch { "axial" => "轴位", "coronal" => "冠状位", "sagittal" => "矢状位", _ => "文件未说明" }),
            new ReportFact("像素间距", Invariant($"{snapshot.Spacing[0]:0.####} × {snapshot.Spacing[1]:0.####} mm ({source})")),
            new ReportFact("层间距/层厚", thickness),
            new ReportFact("原始文件", snapshot.OriginalFilename),
            new ReportFact("掩膜来源", snapshot.Mask?.Source switch
            {
                MeasuredMask.Clinician => $"医生标注 ({snapshot.AnnotatedBy})",
                MeasuredMask.Model => "模型分割",
                _ => "无掩膜",
            }),
        ]);
    }

    private static FiguresSection Pictures(ReportSnapshot snapshot, byte[] slice)
    {
        var picture = snapshot.Picture;
        var place = picture.Slices > 1 ? Invariant($"，第 {picture.Slice + 1} / {picture.Slices} 层") : string.Empty;
        var plain = new SliceFigure($"原始影像{place}", slice, picture.Width, picture.Height, picture.PixelAspect) { Sides = picture.Sides };
        if (picture.Mask is null)
        {
            return new FiguresSection("影像", [plain]);
        }

        var largest = picture.Slices > 1 ? "，肿瘤截面最大层" : string.Empty;
        var outlined = plain with
        {
            Caption = $"肿瘤轮廓 (黄){(picture.Box is null ? string.Empty : "与检测框 (蓝)")}{largest}",
            Mask = SlicePicture.Unpack(picture.Mask, picture.Width * picture.Height),
            Box = picture.Box,
        };
        return new FiguresSection("影像", [plain, outlined]);
    }

    private static TableSection Measurements(ReportSnapshot snapshot, JsonElement? sent)
    {
        var (mask, measured) = (snapshot.Mask, snapshot.Measured);
        return new TableSection("测量结果", ["项目", "测量值", "单位", "医生填写值", "定义"], [2.2, 1.5, 1, 1.6, 6],
        [
            Row("肿瘤体积", measured.Volume, "0.0", "mm³", "volume", "掩膜体素数 × 体素体积"),
            Row("最大径", measured.MaxDiameter, "0.0", "mm", "maxDiameter", "单个病灶内两点间的最大距离"),
            Row("最大截面积", mask?.TumorArea, "0.0", "mm²", null, "面积最大的层面上的肿瘤面积"),
            Row("病灶数", mask is null ? null : mask.LesionCount, "0", "个", null, "相互不接触的肿瘤区域"),
            Row("异质性", measured.Heterogeneity, "0.00", "0–1", "heterogeneity", "肿瘤灰度第 10 至 90 百分位的跨度占影像灰度范围之比"),
            Row("纹理复杂度", measured.TextureComplexity, "0.00", "0–1", "texture_complexity", "32 级灰度共生矩阵的联合熵与其最大值之比"),
            Row("强化指数", measured.Vascularization, "0.00", "0–1", "vascularization", "肿瘤高于瘤外脑组织中位灰度的平均程度；非灌注测量"),
            Row("模型置信度", snapshot.Analysis?.ConfidenceScore, "0.00", "0–1", null, "最可信检出的得分；未检出时为低于阈值的最高得分"),
        ]);

        ReportCell[] Row(string label, double? value, string format, string unit, string? name, string definition) =>
        [
            ReportCell.Of(label),
            ReportCell.Of(value, format, NotMeasured),
            ReportCell.Of(unit),
            name is null ? ReportCell.Of(string.Empty) : ReportCell.Of(SentMetrics.Find(sent, name), format, NotMeasured),
            ReportCell.Of(definition),
        ];
    }

    private static IEnumerable<ReportSection> Lesions(ReportSnapshot snapshot)
    {
        if (snapshot.Mask is { Lesions.Count: > 1 } mask)
        {
            yield return new TableSection("病灶", ["序号", "体积 (mm³)", "最大径 (mm)", "体素数", "置信度"], [1, 2, 2, 2, 2],
            [
                .. mask.Lesions.Select((lesion, i) => (ReportCell[])
                [
                    ReportCell.Of(i + 1, "0", NotMeasured),
                    ReportCell.Of(lesion.Volume, "0.0", NotMeasured),
                    ReportCell.Of(lesion.MaxDiameter, "0.0", NotMeasured),
                    ReportCell.Of(lesion.Voxels, "0", NotMeasured),
                    ReportCell.Of(lesion.Confidence, "0.00", NotMeasured),
                ]),
            ]);
        }
    }

    private static IEnumerable<ReportSection> Charts(ReportSnapshot snapshot)
    {
        List<ReportFigure> charts = [];
        if (snapshot.Histogram is { } histogram)
        {
            charts.Add(new ChartFigure("肿瘤与其余组织的灰度分布", "灰度", "占比 (%)",
            [
                new ChartSeries("其余组织", histogram.Rest, IsAccent: false), new ChartSeries("肿瘤", histogram.Tumour, IsAccent: true),
            ])
            { Range = (histogram.From, histogram.To) });
        }

        if (snapshot.SliceAreas is { } areas)
        {
            charts.Add(new ChartFigure("各层肿瘤面积", "层", "面积 (mm²)", [new ChartSeries("肿瘤", areas, IsAccent: true)])
            {
                Range = (1, areas.Length),
            });
        }

        if (charts.Count > 0)
        {
            yield return new FiguresSection("图表", charts);
        }
    }

    private static IEnumerable<ReportSection> Model(ReportSnapshot snapshot)
    {
        if (snapshot.Analysis is not { } analysis)
        {
            yield break;
        }

        yield return new FactsSection("分析模型",
        [
            new ReportFact("模型", $"{analysis.Model}{(analysis.Version is { } version ? $"，版本 {version}" : string.Empty)}"),
            new ReportFact("分析时间", Time(analysis.AnalysedAt)),
            new ReportFact("置信度阈值", Invariant($"{analysis.ConfidenceThreshold:0.##}")),
            new ReportFact("Dice (逐层)", Figure(analysis.Dice)),
            new ReportFact("IoU", Figure(analysis.Iou)),
            new ReportFact("掩膜 mAP50", Figure(analysis.MaskMap50)),
            new ReportFact("mAP50-95", Figure(analysis.MaskMap50To95)),
            new ReportFact("灵敏度", Figure(analysis.Sensitivity)),
            new ReportFact("准确率", Figure(analysis.Accuracy)),
        ]);
        if (analysis.Limitations is { } limitations)
        {
            yield return new TextSection("模型的局限", limitations);
        }

        static string Figure(double? value) => value is { } figure ? Invariant($"{figure:0.000}") : Missing;
    }

    private static string Time(DateTimeOffset time) => Invariant($"{time.UtcDateTime:yyyy-MM-dd HH:mm} UTC");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
