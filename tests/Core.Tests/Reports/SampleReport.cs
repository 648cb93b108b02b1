using TumorFunctions.Core.Reports;

namespace TumorFunctions.Core.Tests.Reports;

/// <summary>A report with one of everything.</summary>
internal static class SampleReport
{
    public const string Notes =
        "分割效果良好，建议手术治疗。肿瘤位置在运动皮层附近，需要术中神经导航。\n"
        + "病灶呈“不均匀强化”（最厚处约 12 mm），T1WI + Gd-DTPA，体积 15342 mm³，体温 36.5°C。\n随访编号 "
        + "ABCDEFGHIJ0123456789ABCDEFGHIJ0123456789ABCDEFGHIJ0123456789ABCDEFGHIJ0123456789ABCDEFGHIJ0123456789。";

    public static ReportDocument Create(string notes = Notes, string name = "张三", int rows = 3) => new()
    {
        Title = "脑肿瘤影像分析报告",
        Subtitle = "协和医院",
        Number = "报告编号 000001",
        Sections =
        [
            new FactsSection("患者信息",
            [
                new ReportFact("姓名", name), new ReportFact("年龄", "45 岁"), new ReportFact("性别", "未提供"),
            ]),
            new FiguresSection("影像", [Slice("原始影像", outlined: false), Slice("肿瘤轮廓", outlined: true)]),
            new TableSection("测量结果", ["项目", "数值", "单位"], [3, 2, 1],
            [
                .. Enumerable.Range(0, rows).Select(i => (ReportCell[])
                [
                    ReportCell.Of($"第 {i} 行"), ReportCell.Of(15342.25 + i, "0.0", "—"), ReportCell.Of("mm³"),
                ]),
                [ReportCell.Of("没有测量"), ReportCell.Of(null, "0.0", "—"), ReportCell.Of("mm")],
            ]),
            new FiguresSection("图表",
            [
                new ChartFigure("灰度分布", "灰度", "占比 (%)", [new ChartSeries("肿瘤", [0, 5, 20, 1], IsAccent: true)]) { Range = (0, 255) },
            ]),
            new TextSection("医生意见", notes),
            new TableSection("全部特征", ["特征", "数值"], [1, 1], [[ReportCell.Of("glcm_Idm"), ReportCell.Of(0.5, "0.0000", "—")]])
            {
                SheetOnly = true,
            },
        ],
        Signature = [new ReportFact("报告医生", "李医生"), new ReportFact("签名", null), new ReportFact("日期", "2026-01-04")],
        Disclaimer = "仅供研究使用 / 非诊断用途",
        Date = new DateTimeOffset(2026, 1, 4, 9, 30, 0, TimeSpan.Zero),
        Author = "李医生",
    };

    private static SliceFigure Slice(string caption, bool outlined)
    {
        const int width = 24, height = 18;
        return new SliceFigure(caption, [.. Enumerable.Range(0, width * height).Select(i => (byte)(i % 256))], width, height, 1.5)
        {
            Mask = outlined ? [.. Enumerable.Range(0, width * height).Select(i => i % width is > 4 and < 9 ? (byte)1 : (byte)0)] : null,
            Box = outlined ? [5, 0, 9, 18] : null,
            Sides = ["R", "L", "A", "P"],
        };
    }
}
