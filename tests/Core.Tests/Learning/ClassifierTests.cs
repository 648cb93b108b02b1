using TumorFunctions.Core.Learning;

namespace TumorFunctions.Core.Tests.Learning;

public class ClassifierTests
{
    public static TheoryData<LearningAlgorithm> Algorithms => [.. Enum.GetValues<LearningAlgorithm>()];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Classes_that_differ_are_told_apart_on_new_cases(LearningAlgorithm algorithm)
    {
        string[] classes = ["benign", "malignant"];
        var classifier = ClassifierTrainer.Fit(Draw(60, 1, classes), classes, algorithm, seed: 3);
        Assert.InRange(Measure(classifier, Draw(200, 2, classes)).Auc, 0.9, 1);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Labels_without_meaning_are_not_learnt(LearningAlgorithm algorithm)
    {
        string[] classes = ["benign", "malignant"];
        var random = new Random(9);
        var shuffled = Draw(80, 1, classes).Select(item => item with { Label = classes[random.Next(2)] }).ToArray();
        var fresh = Draw(400, 2, classes).Select(item => item with { Label = classes[random.Next(2)] }).ToArray();
        Assert.InRange(Measure(ClassifierTrainer.Fit(shuffled, classes, algorithm, seed: 3), fresh).Auc, 0.35, 0.65);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Three_classes_each_get_a_probability(LearningAlgorithm algorithm)
    {
        string[] classes = ["glioma", "meningioma", "pituitary"];
        var classifier = ClassifierTrainer.Fit(Draw(90, 1, classes), classes, algorithm, seed: 3);
        var fresh = Draw(120, 2, classes);
        var predictions = classifier.Predict([.. fresh.Select(item => item.Features)]);
        Assert.All(predictions, item => Assert.Equal(1, item.Probabilities.Sum(), 9));
        Assert.All(predictions, item => Assert.Equal(item.Probabilities.Max(), item.Probabilities[item.Class]));
        Assert.InRange(Measure(classifier, fresh).Accuracy, 0.75, 1);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void The_same_seed_gives_the_same_and_so_does_the_file(LearningAlgorithm algorithm)
    {
        string[] classes = ["a", "b"];
        var fresh = Draw(20, 2, classes).Select(item => item.Features).ToArray();
        var cases = Draw(40, 1, classes);
        var first = ClassifierTrainer.Fit(cases, classes, algorithm, seed: 3);
        var second = ClassifierTrainer.Fit(cases, classes, algorithm, seed: 3);
        using var file = new MemoryStream();
        first.Save(file);
        file.Position = 0;
        var loaded = Classifier.Load(file);

        Assert.Equal(classes, loaded.Classes);
        Assert.Equal(4, loaded.FeatureCount);
        Assert.Equal(Probabilities(first), Probabilities(second));
        Assert.Equal(Probabilities(first), Probabilities(loaded));

        double[] Probabilities(Classifier classifier) => [.. classifier.Predict(fresh).Select(item => item.Probabilities[1])];
    }

    [Fact]
    public void Scaling_is_of_the_training_cases_alone()
    {
        var scaler = FeatureScaler.Fit([[1, 5], [3, 5]]);
        Assert.Equal([-1f, 0], scaler.Apply([1, 5]));
        Assert.Equal([1f, 0], scaler.Apply([3, 900]));
        Assert.Equal([10f, 0], scaler.Apply([1e30f, 0]));
    }

    [Fact]
    public void Another_zip_is_no_classifier()
    {
        using var empty = new MemoryStream();
        using (new System.IO.Compression.ZipArchive(empty, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
        }

        empty.Position = 0;
        Assert.Throws<InvalidDataException>(() => Classifier.Load(empty));
    }

    private static ClassificationMetrics Measure(Classifier classifier, LabelledCase[] cases) => ClassificationMetrics.Of(
        classifier.Classes,
        [.. cases.Select(item => classifier.Classes.ToList().IndexOf(item.Label))],
        classifier.Predict([.. cases.Select(item => item.Features)]));

    // Two features of four say which class it is, on scales far apart.
    private static LabelledCase[] Draw(int count, int seed, string[] classes)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            var label = i % classes.Length;
            return new LabelledCase(
                $"{seed}-{i}",
                classes[label],
                [Noise() + (3 * (label == 0 ? 1 : 0)), 1e6f * (Noise() + (3 * (label == 1 ? 1 : 0))), Noise(), 7]);
        })];

        float Noise() => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5) * 1.5f;
    }
}
