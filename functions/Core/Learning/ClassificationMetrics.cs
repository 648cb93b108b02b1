namespace TumorFunctions.Core.Learning;

/// <summary>
/// How well a classifier does on cases that it has not seen, each between 0 and 1. With two classes, precision, recall, F1 and AUC are
/// those of the positive class; with more they are the plain means over the classes, each against all others (macro average).
/// </summary>
/// <param name="Auc">
/// Area under the ROC curve as the Mann-Whitney statistic: the chance that a random case of the class scores above a random other,
/// ties counting half (Hanley and McNeil 1982).
/// </param>
/// <param name="Accuracy">Share of cases given their own class.</param>
/// <param name="Precision">TP / (TP + FP); 0 where nothing was called positive.</param>
/// <param name="Recall">TP / (TP + FN).</param>
/// <param name="F1">Harmonic mean of precision and recall; 0 where both are.</param>
public sealed record ClassificationMetrics(double Auc, double Accuracy, double Precision, double Recall, double F1)
{
    /// <param name="classes">Two, the positive one last, or more.</param>
    /// <param name="truth">The class of each case, as an index into <paramref name="classes"/>.</param>
    /// <param name="predictions">For each case, a probability for every class.</param>
    public static ClassificationMetrics Of(
        IReadOnlyList<string> classes, IReadOnlyList<int> truth, IReadOnlyList<ClassPrediction> predictions)
    {
        int[] measured = classes.Count == 2 ? [1] : [.. Enumerable.Range(0, classes.Count)];
        var each = measured.Select(label => OneAgainstAll(label, truth, predictions)).ToArray();
        var right = truth.Where((label, i) => predictions[i].Class == label).Count();
        return new ClassificationMetrics(
            each.Average(item => item.Auc),
            (double)right / truth.Count,
            each.Average(item => item.Precision),
            each.Average(item => item.Recall),
            each.Average(item => item.F1));
    }

    /// <returns>The area, or NaN where one side is empty.</returns>
    public static double AreaUnderCurve(IReadOnlyList<double> scores, IReadOnlyList<bool> positive)
    {
        var order = Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ToArray();
        double rankSum = 0;
        for (var first = 0; first < order.Length;)
        {
            var last = first;
            while (last + 1 < order.Length && scores[order[last + 1]].Equals(scores[order[first]]))
            {
                last++;
            }

            // Equal scores share the mean of their ranks.
            var rank = ((first + last) / 2.0) + 1;
            for (; first <= last; first++)
            {
                rankSum += positive[order[first]] ? rank : 0;
            }
        }

        double hits = positive.Count(item => item);
        var others = positive.Count - hits;
        return hits == 0 || others == 0 ? double.NaN : (rankSum - (hits * (hits + 1) / 2)) / (hits * others);
    }

    private static (double Auc, double Precision, double Recall, double F1) OneAgainstAll(
        int label, IReadOnlyList<int> truth, IReadOnlyList<ClassPrediction> predictions)
    {
        double truePositives = 0, called = 0, actual = 0;
        for (var i = 0; i < truth.Count; i++)
        {
            var isCalled = predictions[i].Class == label;
            called += isCalled ? 1 : 0;
            actual += truth[i] == label ? 1 : 0;
            truePositives += isCalled && truth[i] == label ? 1 : 0;
        }

        var precision = called == 0 ? 0 : truePositives / called;
        var recall = actual == 0 ? 0 : truePositives / actual;
        var auc = AreaUnderCurve(
            [.. predictions.Select(item => item.Probabilities[label])], [.. truth.Select(item => item == label)]);
        return (auc, precision, recall, precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall));
    }
}

/// <param name="Class">Index of the class with the highest probability.</param>
/// <param name="Probabilities">One a class, summing to 1.</param>
public sealed record ClassPrediction(int Class, IReadOnlyList<double> Probabilities);
