namespace TumorFunctions.Core.Segmentation;

/// <summary>How an export lays its predictions out.</summary>
internal enum PredictionLayout
{
    /// <summary>[1, 4 + classes + coefficients, N]: a row for each number.</summary>
    ByNumber,

    /// <summary>[1, N, 4 + classes + coefficients]: a row for each prediction.</summary>
    ByPrediction,

    /// <summary>[1, N, 6 + coefficients] after the network's own suppression: x0, y0, x1, y1, score, class, coefficients.</summary>
    Suppressed,
}
