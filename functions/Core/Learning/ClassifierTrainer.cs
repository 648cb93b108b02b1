using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace TumorFunctions.Core.Learning;

/// <summary>Fits classifiers on labelled cases, reproducibly: the same cases, settings and seed give the same classifier.</summary>
public static class ClassifierTrainer
{
    private const int Trees = 100;
    private const int Leaves = 16;

    // A leaf of a tree over few cases would else hold them all.
    private const int CasesOfLeafShare = 20;

    /// <param name="classes">Two, the positive one last, or more.</param>
    public static Classifier Fit(
        IReadOnlyList<LabelledCase> cases, IReadOnlyList<string> classes, LearningAlgorithm algorithm, int seed,
        CancellationToken cancellation = default)
    {
        var context = new MLContext(seed);
        var scaler = FeatureScaler.Fit([.. cases.Select(item => item.Features)]);
        var scaled = cases.Select(item => scaler.Apply(item.Features)).ToArray();
        List<ITransformer> models = [];
        foreach (var positive in classes.Count == 2 ? classes.Skip(1) : classes)
        {
            cancellation.ThrowIfCancellationRequested();
            var rows = scaled.Select((features, i) => new Row { Features = features, Label = cases[i].Label == positive });
            models.Add(Estimator(context, algorithm, cases.Count).Fit(Rows.Load(context, [.. rows], scaler.Means.Length)));
        }

        return new Classifier(context, classes, scaler, models);
    }

    private static IEstimator<ITransformer> Estimator(MLContext context, LearningAlgorithm algorithm, int cases)
    {
        var trainers = context.BinaryClassification.Trainers;
        var platt = context.BinaryClassification.Calibrators;
        var leaf = Math.Max(1, cases / CasesOfLeafShare);

        // One thread: the order in which several add up floats would change the outcome.
        return algorithm switch
        {
            LearningAlgorithm.LogisticRegression => trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
            {
                L1Regularization = 0,
                L2Regularization = 1,
                NumberOfThreads = 1,
            }),
            LearningAlgorithm.RandomForest => trainers.FastForest(new FastForestBinaryTrainer.Options
            {
                NumberOfTrees = Trees,
                NumberOfLeaves = Leaves,
                MinimumExampleCountPerLeaf = leaf,
                FeatureFraction = 0.7,
                NumberOfThreads = 1,
            }).Append(platt.Platt()),
            LearningAlgorithm.SVM => trainers.LinearSvm(new LinearSvmTrainer.Options
            {
                Lambda = 0.01f,
                NumberOfIterations = 100,
                BatchSize = 1,
            }).Append(platt.Platt()),
            LearningAlgorithm.GradientBoosting => trainers.FastTree(new FastTreeBinaryTrainer.Options
            {
                NumberOfTrees = Trees,
                NumberOfLeaves = Leaves,
                MinimumExampleCountPerLeaf = leaf,
                LearningRate = 0.1,
                NumberOfThreads = 1,
            }),
            _ => throw new ArgumentOutOfRangeException(nameof(algorithm), algorithm, "No such algorithm."),
        };
    }
}
