using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Api.Preop;

/// <summary>Sentences that follow from the measurements of a simulation, each from the one that its rule names.</summary>
public static class SurgicalAdvice
{
    private const double Deep = 30;
    private const double Superficial = 10;
    private const double NearEdge = 5;
    private const double Large = 30_000;

    public static string For(SurgicalSimulation simulation, double resection)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        List<string> advice = [];
        var difficult = simulation.Score.Difficulty;
        advice.Add(difficult >= SurgicalScore.HighFrom ? "建议采用显微神经外科技术，强化术中神经监测"
            : difficult >= SurgicalScore.MiddleFrom ? "建议采用显微神经外科技术，并使用术中导航"
            : "可按常规显微手术方案进行");
        if (simulation.Depth >= Deep)
        {
            advice.Add("肿瘤位置较深，建议术前行弥散张量成像评估传导束");
        }
        else if (simulation.Depth <= Superficial)
        {
            advice.Add("肿瘤位置表浅，注意保护皮层功能区与引流静脉");
        }

        if (simulation.EdgeDistance <= NearEdge)
        {
            advice.Add("肿瘤邻近脑表面，注意硬膜及表面血管的关系");
        }

        if (simulation.ScoredVolume >= Large)
        {
            advice.Add("肿瘤体积较大，建议备血并分块切除减压");
        }

        if (resection < 1)
        {
            advice.Add(resection >= 0.8 ? "残余肿瘤建议定期影像随访" : "残余比例较高，建议评估术后放疗或二期手术");
        }

        return string.Join("；", advice);
    }
}
