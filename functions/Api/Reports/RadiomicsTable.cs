using TumorFunctions.Api.Masks;
using TumorFunctions.Core.Reports;

namespace TumorFunctions.Api.Reports;

/// <summary>The radiomic features of a report: some on paper, all in a spreadsheet.</summary>
internal static class RadiomicsTable
{
    private const string Format = "0.0000";
    private const string NotDefined = "—";

    private static readonly (string Name, string Meaning)[] Chosen =
    [
        ("FirstOrder_Mean", "灰度均值"),
        ("FirstOrder_Std", "灰度标准差"),
        ("FirstOrder_Median", "灰度中位数"),
        ("FirstOrder_Range", "灰度极差"),
        ("firstorder_Entropy", "灰度熵"),
        ("firstorder_Skewness", "偏度"),
        ("firstorder_Kurtosis", "峰度"),
        ("GLCM_Contrast", "共生矩阵对比度"),
        ("GLCM_Energy", "共生矩阵能量"),
        ("glcm_Correlation", "共生矩阵相关性"),
        ("glcm_JointEntropy", "共生矩阵联合熵"),
        ("GLRLM_SRE", "短游程优势"),
        ("GLRLM_LRE", "长游程优势"),
        ("glszm_ZonePercentage", "区域百分比"),
        ("gldm_DependenceEntropy", "依赖熵"),
        ("ngtdm_Coarseness", "粗糙度"),
        ("shape_Sphericity", "球形度"),
        ("shape_SurfaceVolumeRatio", "表面积体积比 (1/mm)"),
    ];

    public static IEnumerable<ReportSection> Of(MeasuredMask? mask)
    {
        if (mask is not { RadiomicsFeatures: { Count: > 0 } features })
        {
            yield break;
        }

        yield return new TableSection("影像组学特征", ["特征", "含义", "数值"], [3, 4, 2],
        [
            .. Chosen.Where(chosen => features.ContainsKey(chosen.Name)).Select(chosen => (ReportCell[])
            [
                ReportCell.Of(chosen.Name), ReportCell.Of(chosen.Meaning), ReportCell.Of(features[chosen.Name], Format, NotDefined),
            ]),
        ]);
        yield return new TableSection("全部特征", ["特征", "数值"], [3, 2],
        [
            .. features.Select(feature => (ReportCell[])[ReportCell.Of(feature.Key), ReportCell.Of(feature.Value, Format, NotDefined)]),
        ])
        { SheetOnly = true };
    }
}
