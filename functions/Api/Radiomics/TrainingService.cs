using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Learning;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Radiomics;

/// <summary>Trains classifiers on the radiomic features of analysed images, keeps them, and predicts with them.</summary>
public sealed class TrainingService(
    TrainingCases cases, ClassifierStore classifiers, ImageService images, TimeProvider time, ILogger<TrainingService> logger)
    : IDisposable
{
    private const double DefaultTestSize = 0.2;
    private const int DefaultSeed = 42;
    private const int DefaultPageSize = 20;
    private const string Extension = ".zip";

    private static readonly string[] Fields = ["alg", "label", "test_size", "seed", "positive"];

    // A training takes a core for seconds; the next one waits.
    private readonly SemaphoreSlim _gate = new(1);

    public async Task<TrainingAnswer> TrainAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var algorithm = ReadAlgorithm(fields);
        var label = fields.Text("label", 100) ?? throw new ValidationException("缺少字段 label", "diagnosis，或 annotation_data 中的键名");
        var testSize = ReadTestSize(fields);
        var seed = fields.WholeNumber("seed", 0, int.MaxValue) ?? DefaultSeed;
        var positive = fields.Text("positive");

        var clock = Stopwatch.StartNew();
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var set = await cases.CollectAsync(label, caller, cancellationToken);
            var classes = OrderClasses(set, positive);
            var split = Split(set, testSize, seed);
            var classifier = await Task.Run(
                () => ClassifierTrainer.Fit(split.Training, classes, algorithm, seed, cancellationToken), cancellationToken);
            var metrics = ClassificationMetrics.Of(
                classes,
                [.. split.Test.Select(item => classes.IndexOf(item.Label))],
                classifier.Predict([.. split.Test.Select(item => item.Features)]));
            var id = await classifiers.NextIdAsync(cancellationToken);
            var record = new ClassifierRecord
            {
                ClassifierId = id,
                Name = ClassifierStore.NameOf(id),
                Algorithm = algorithm.ToString(),
                Label = label,
                Classes = classes,
                Features = set.Features,
                Metrics = Rounded(metrics),
                Cases = set.Count(split.Test),
                TestSize = testSize,
                Seed = seed,
                TrainedBy = caller.UserId,
                TrainedAt = time.GetUtcNow(),
            };
            await classifiers.AddAsync(record, classifier, cancellationToken);
            AuditTrail.Of(request).Note(record.Name, ("label", null, label), ("algorithm", null, record.Algorithm));
            logger.ClassifierTrained(record.Name, record.Algorithm, set.Cases.Count, clock.ElapsedMilliseconds);
            return Answer(record, set, clock.Elapsed);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<ClassifierListAnswer> ListAsync(HttpRequest request)
    {
        var page = Page.From(request, DefaultPageSize);
        var (records, total) = await classifiers.ListAsync(page, request.HttpContext.RequestAborted);
        return new ClassifierListAnswer([.. records.Select(ClassifierAnswer.Of)], page.Describe(total));
    }

    /// <exception cref="ForbiddenException">The caller is neither an administrator nor the one who trained it.</exception>
    public async Task<MessageAnswer> DeleteAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        var record = await FindAsync(name, cancellationToken);
        if (caller.Role != Access.Admin && record.TrainedBy != caller.UserId)
        {
            throw new ForbiddenException("只能删除自己训练的模型");
        }

        return await classifiers.DeleteAsync(record, cancellationToken) ? new MessageAnswer("模型删除成功") : throw Missing(name);
    }

    public async Task<PredictionAnswer> PredictAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var query = RequestFields.FromQuery(request, "image_id", "model");
        var imageId = query.WholeNumber("image_id", 1, int.MaxValue) ?? throw new ValidationException("缺少参数 image_id");
        var name = query.Text("model") ?? throw new ValidationException("缺少参数 model", "GET /api/radiomics/models 列出可用模型");
        var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        var record = await FindAsync(name, cancellationToken);
        if (image.Mask is not { RadiomicsFeatures.Count: > 0 } mask)
        {
            throw new StateConflictException("NO_FEATURES", "该影像没有影像组学特征", "请先分析影像 (且检出肿瘤) 或上传掩膜");
        }

        var values = TrainingCases.ValuesOf(mask.RadiomicsFeatures, record.Features)
            ?? throw new StateConflictException("NO_FEATURES", "该影像缺少模型所需的特征", "训练所用影像的维度或空间尺寸与该影像不同");
        var classifier = await OpenAsync(record, cancellationToken);
        var prediction = classifier.Predict([values])[0];
        return new PredictionAnswer(
            imageId,
            record.Name,
            record.Label,
            record.Classes[prediction.Class],
            record.Classes.Select((label, i) => (label, i)).ToDictionary(
                item => item.label, item => Math.Round(prediction.Probabilities[item.i], 6)),
            "仅供研究使用，不作为诊断依据");
    }

    /// <summary>The classifier's file, under the path that training answers with.</summary>
    public async Task<BlobContent> OpenAsync(string file, CancellationToken cancellationToken)
    {
        var name = file.EndsWith(Extension, StringComparison.Ordinal) ? file[..^Extension.Length] : throw new NotFoundException("文件不存在");
        var record = await classifiers.FindAsync(name, cancellationToken) ?? throw new NotFoundException("文件不存在");
        try
        {
            return await classifiers.OpenAsync(record, cancellationToken);
        }
        catch (BlobNotFoundException)
        {
            throw new NotFoundException("文件不存在");
        }
    }

    private async Task<Classifier> OpenAsync(ClassifierRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await classifiers.OpenAsync(record, cancellationToken);
            return Classifier.Load(blob.Stream);
        }
        catch (BlobNotFoundException)
        {
            throw Missing(record.Name);
        }
    }

    public void Dispose() => _gate.Dispose();

    // Named as in the list, or as the path that training answered with.
    private async Task<ClassifierRecord> FindAsync(string name, CancellationToken cancellationToken)
    {
        var plain = name[(name.LastIndexOf('/') + 1)..];
        if (plain.EndsWith(Extension, StringComparison.Ordinal))
        {
            plain = plain[..^Extension.Length];
        }

        return await classifiers.FindAsync(plain, cancellationToken) is { Kind: ClassifierRecord.DocumentKind } record
            ? record
            : throw Missing(name);
    }

    private static LearningAlgorithm ReadAlgorithm(RequestFields fields)
    {
        var names = Enum.GetNames<LearningAlgorithm>();
        var text = fields.Text("alg");
        var found = Array.FindIndex(names, name => name.Equals(text, StringComparison.OrdinalIgnoreCase));
        return found >= 0
            ? Enum.GetValues<LearningAlgorithm>()[found]
            : throw new ValidationException(text is null ? "缺少字段 alg" : "字段 alg 无效", $"可用算法: {string.Join(", ", names)}");
    }

    private static double ReadTestSize(RequestFields fields)
    {
        var share = fields.Number("test_size", 0, 1) ?? DefaultTestSize;
        return share is > 0 and < 1 ? share : throw new ValidationException("字段 test_size 必须大于 0 且小于 1");
    }

    // The positive class stands last: the one asked for, else the rarer one, which is what is being looked for as a rule.
    private static List<string> OrderClasses(TrainingSet set, string? positive)
    {
        var counts = set.Count([]);
        if (positive is not null && counts.All(item => item.Label != positive))
        {
            throw new ValidationException(
                "字段 positive 不是任何病例的类别", $"类别: {string.Join(", ", counts.Select(item => item.Label))}");
        }

        return [.. counts
            .OrderBy(item => item.Label == positive)
            .ThenByDescending(item => counts.Count == 2 ? item.Cases : 0)
            .ThenBy(item => item.Label, StringComparer.Ordinal)
            .Select(item => item.Label)];
    }

    private static StratifiedSplit Split(TrainingSet set, double testSize, int seed)
    {
        try
        {
            return StratifiedSplit.Of(set.Cases, testSize, seed);
        }
        catch (TrainingDataException)
        {
            var each = string.Join("，", set.Count([]).Select(item => $"{item.Label}: {item.Cases} 例 ({item.Patients} 名患者)"));
            throw new ValidationException(
                "训练样本无法按患者划分", $"同一患者的影像不会同时出现在训练集和测试集，每个类别需要自己的患者；当前 {each}");
        }
    }

    private static TrainingMetrics Rounded(ClassificationMetrics metrics) => new(
        Math.Round(metrics.Auc, 4),
        Math.Round(metrics.Accuracy, 4),
        Math.Round(metrics.Precision, 4),
        Math.Round(metrics.Recall, 4),
        Math.Round(metrics.F1, 4));

    private static TrainingAnswer Answer(ClassifierRecord record, TrainingSet set, TimeSpan elapsed) => new(
        "模型训练完成",
        record.Metrics.Auc,
        record.Metrics.Acc,
        record.Metrics.Precision,
        record.Metrics.Recall,
        record.Metrics.F1Score,
        Math.Round(elapsed.TotalSeconds, 3),
        ClassifierStore.PathOf(record),
        record.Name,
        record.Algorithm,
        record.Label,
        record.Cases,
        record.Classes.Count == 2 ? record.Classes[1] : null,
        record.Features.Count,
        [.. set.Notes, "同一患者的影像只在训练集或测试集一侧"]);

    private static NotFoundException Missing(string name) => new($"模型 {(name.Length <= 60 ? name : name[..60])} 不存在");
}
