namespace TumorFunctions.Api.Segmentation;

/// <summary>What a job does with an image, as clients are told it.</summary>
public static class JobSteps
{
    public const string Waiting = "排队等待";
    public const string Fetch = "读取影像";
    public const string Prepare = "预处理";
    public const string Infer = "模型推理";
    public const string Measure = "测量";
    public const string Radiomics = "影像组学";
    public const string Save = "保存结果";
    public const string Mesh = "三维重建";
}

/// <summary>
/// The work on an image in units that take about the same time: two for each slice that the model sees, and some for each other
/// step. Progress is units done over units planned.
/// </summary>
public static class ItemWork
{
    public const int Fetch = 1;
    public const int Prepare = 1;
    public const int Slice = 2;
    public const int Measure = 1;
    public const int Radiomics = 2;
    public const int Save = 1;
    public const int Mesh = 2;

    public static int Planned(int slices) => Fetch + Prepare + (Slice * slices) + Measure + Radiomics + Save + Mesh;
}

/// <summary>What an orchestration is started with.</summary>
public sealed record JobInput(
    string JobId,
    IReadOnlyList<int> ImageIds,
    IReadOnlyList<int> Work,
    string? WeightPath,
    double? Confidence,
    string CorrelationId,
    int ItemsInFlight,
    RetrySettings Retry);

/// <summary>Fixed at the start: an orchestrator that is run again over its history has to take the same steps.</summary>
public sealed record RetrySettings(int MaxAttempts, double FirstSeconds, double MaxSeconds);

/// <summary>One image of a job.</summary>
public sealed record ItemInput(
    string JobId, int Index, int ImageId, int Work, string? WeightPath, double? Confidence, string CorrelationId, RetrySettings Retry)
{
    /// <summary>Names the item wherever its work leaves a trace.</summary>
    public string Run => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{JobId}.{Index}");
}

/// <summary>What was found out when the image was read.</summary>
/// <param name="Failure">Why it could not be; then the rest says nothing.</param>
/// <param name="Width">Of the slices as they are shown, like <paramref name="Height"/> and <paramref name="Depth"/>.</param>
public sealed record ItemPlan(
    ItemFailure? Failure,
    string Model,
    string Device,
    double Confidence,
    int Width,
    int Height,
    int Depth,
    int SlicesPerChunk,
    int ChunksInFlight)
{
    public int Chunks => (Depth + SlicesPerChunk - 1) / SlicesPerChunk;

    public int SlicesOf(int chunk) => Math.Min(SlicesPerChunk, Depth - (chunk * SlicesPerChunk));

    public static ItemPlan Failed(ItemFailure failure) => new(failure, "", "", 0, 0, 0, 0, 1, 1);
}

/// <summary>An item and its plan, for the steps after the first.</summary>
public sealed record PlannedItem(ItemInput Item, ItemPlan Plan);

/// <summary>Some slices of an item.</summary>
public sealed record ChunkInput(ItemInput Item, ItemPlan Plan, int Chunk);

/// <param name="Found">Of the measuring step: whether there is a tumour.</param>
public sealed record StepResult(ItemFailure? Failure = null, bool Found = false);

/// <summary>How an item came out.</summary>
public sealed record ItemEnd(ItemInput Item, ItemFailure? Failure);

/// <summary>Custom status of an item's orchestration.</summary>
public sealed record ItemStatus(string Step, int Done, int Planned);

/// <summary>Custom status of a job's orchestration.</summary>
/// <param name="Done">Work of the items that have ended.</param>
/// <param name="Running">Indices of the items under way.</param>
public sealed record JobStatus(int Done, IReadOnlyList<int> Running);
