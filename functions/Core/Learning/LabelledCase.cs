namespace TumorFunctions.Core.Learning;

/// <summary>One observation for training.</summary>
/// <param name="Group">Cases of one group (a patient's images) never stand on both sides of a split.</param>
/// <param name="Label">Its class.</param>
/// <param name="Features">Finite values, in the same order for all cases.</param>
public sealed record LabelledCase(string Group, string Label, float[] Features);

/// <summary>The supervised learners on offer.</summary>
public enum LearningAlgorithm
{
    /// <summary>L2-regularised logistic regression, fitted by L-BFGS.</summary>
    LogisticRegression,

    /// <summary>Bagged regression trees (Breiman, "Random Forests", 2001), their scores turned into probabilities by Platt's sigmoid.</summary>
    RandomForest,

    /// <summary>Linear support vector machine (PEGASOS, Shalev-Shwartz et al. 2007) with Platt's sigmoid.</summary>
    SVM,

    /// <summary>Gradient-boosted regression trees (MART, Friedman 2001).</summary>
    GradientBoosting,
}

/// <summary>The cases cannot be learnt from or split as asked; the message says of what there is too little.</summary>
public sealed class TrainingDataException(string message) : Exception(message);
