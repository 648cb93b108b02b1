using TumorFunctions.Core.Learning;

namespace TumorFunctions.Core.Tests.Learning;

public class ClassificationMetricsTests
{
    [Fact]
    public void A_hand_computed_case()
    {
        // Scores of the positive class and the truth; called positive from 0.5 on.
        double[] scores = [0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1];
        int[] truth = [1, 1, 0, 1, 0, 1, 0, 0];
        var metrics = ClassificationMetrics.Of(["no", "yes"], truth, [.. scores.Select(Binary)]);

        Assert.Equal(6 / 8.0, metrics.Accuracy);
        Assert.Equal(3 / 4.0, metrics.Precision);
        Assert.Equal(3 / 4.0, metrics.Recall);
        Assert.Equal(3 / 4.0, metrics.F1);
        // Of 16 pairs the positive case is above in 4 + 4 + 3 + 2.
        Assert.Equal(13 / 16.0, metrics.Auc);
    }

    [Fact]
    public void Area_under_the_curve_agrees_with_counting_pairs_ties_by_half()
    {
        var random = new Random(5);
        for (var round = 0; round < 50; round++)
        {
            var scores = Enumerable.Range(0, 40).Select(_ => (double)random.Next(12)).ToArray();
            var positive = Enumerable.Range(0, 40).Select(i => i is 0 || (i is not 1 && random.Next(3) == 0)).ToArray();
            double above = 0, pairs = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                for (var j = 0; j < scores.Length; j++)
                {
                    if (positive[i] && !positive[j])
                    {
                        pairs++;
                        above += scores[i] > scores[j] ? 1 : scores[i] < scores[j] ? 0 : 0.5;
                    }
                }
            }

            Assert.Equal(above / pairs, ClassificationMetrics.AreaUnderCurve(scores, positive), 12);
        }
    }

    [Fact]
    public void Turned_scores_turn_the_area_round()
    {
        double[] scores = [0.1, 0.4, 0.35, 0.8];
        bool[] positive = [false, false, true, true];
        Assert.Equal(0.75, ClassificationMetrics.AreaUnderCurve(scores, positive));
        Assert.Equal(0.25, ClassificationMetrics.AreaUnderCurve([.. scores.Select(s => -s)], positive));
        Assert.Equal(0.5, ClassificationMetrics.AreaUnderCurve([1, 1, 1, 1], positive));
        Assert.True(double.IsNaN(ClassificationMetrics.AreaUnderCurve([1, 2], [true, true])));
    }

    [Fact]
    public void Several_classes_are_averaged()
    {
        int[] truth = [0, 0, 1, 1, 2, 2];
        ClassPrediction[] predictions =
        [
            new(0, [0.8, 0.1, 0.1]), new(1, [0.4, 0.5, 0.1]), new(1, [0.1, 0.8, 0.1]),
            new(1, [0.2, 0.7, 0.1]), new(2, [0.1, 0.1, 0.8]), new(2, [0.0, 0.3, 0.7]),
        ];
        var metrics = ClassificationMetrics.Of(["a", "b", "c"], truth, predictions);
        Assert.Equal(5 / 6.0, metrics.Accuracy, 12);
        Assert.Equal((1 + (2 / 3.0) + 1) / 3, metrics.Precision, 12);
        Assert.Equal((0.5 + 1 + 1) / 3, metrics.Recall, 12);
        Assert.Equal(((2 / 3.0) + 0.8 + 1) / 3, metrics.F1, 12);
        Assert.Equal(1, metrics.Auc, 12);
    }

    [Fact]
    public void Nothing_called_positive_is_no_precision()
    {
        var metrics = ClassificationMetrics.Of(["no", "yes"], [0, 1], [Binary(0.1), Binary(0.2)]);
        Assert.Equal((0, 0, 0), (metrics.Precision, metrics.Recall, metrics.F1));
        Assert.Equal(1, metrics.Auc);
    }

    private static ClassPrediction Binary(double positive) => new(positive >= 0.5 ? 1 : 0, [1 - positive, positive]);
}
