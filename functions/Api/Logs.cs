using Microsoft.Extensions.Logging;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api;

/// <summary>Every log line of the API; none carries patient data.</summary>
internal static partial class Logs
{
    [LoggerMessage(1, LogLevel.Error, "{Function} failed unexpectedly ({InvocationId}).")]
    public static partial void UnhandledFailure(this ILogger logger, Exception exception, string function, string invocationId);

    [LoggerMessage(2, LogLevel.Error, "{Function} failed with {Code} ({InvocationId}).")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string function, string code, string invocationId);

    [LoggerMessage(3, LogLevel.Debug, "{Function} refused a request: {Status} {Code}.")]
    public static partial void RequestRefused(this ILogger logger, string function, int status, string code);

    [LoggerMessage(4, LogLevel.Debug, "{Function}: the client went away.")]
    public static partial void RequestAborted(this ILogger logger, string function);

    [LoggerMessage(5, LogLevel.Warning, "Store {Store} cannot be reached.")]
    public static partial void StoreUnreachable(this ILogger logger, Exception exception, string store);

    [LoggerMessage(6, LogLevel.Information, "Image {ImageId} uploaded: {Format}, {Length} bytes, by user {UserId}.")]
    public static partial void ImageUploaded(this ILogger logger, int imageId, ImageFormat format, long length, int userId);

    [LoggerMessage(7, LogLevel.Information, "Image {ImageId} deleted by user {UserId}.")]
    public static partial void ImageDeleted(this ILogger logger, int imageId, int userId);

    [LoggerMessage(8, LogLevel.Warning, "Blob {Blob} could not be deleted and is left to the sweeper.")]
    public static partial void BlobNotDeleted(this ILogger logger, Exception exception, string blob);

    [LoggerMessage(9, LogLevel.Information, "Sweep: {Blobs} blobs without a record and {Files} unfinished files deleted.")]
    public static partial void Swept(this ILogger logger, int blobs, int files);

    [LoggerMessage(10, LogLevel.Error, "The sweep for left-over blobs failed and is tried again later.")]
    public static partial void SweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(11, LogLevel.Warning, "The call counter could not be written and is tried again later.")]
    public static partial void CounterNotWritten(this ILogger logger, Exception exception);

    [LoggerMessage(12, LogLevel.Error, "Model {Model} could not be loaded at start.")]
    public static partial void ModelNotLoaded(this ILogger logger, Exception exception, string model);

    [LoggerMessage(13, LogLevel.Information, "Model {Model} ready on {Device} after {Milliseconds} ms.")]
    public static partial void ModelReady(this ILogger logger, string model, string device, long milliseconds);

    [LoggerMessage(14, LogLevel.Information, "Image {ImageId} analysed with {Model}: {Detections} detections in {Milliseconds} ms.")]
    public static partial void ImageAnalysed(this ILogger logger, int imageId, string model, int detections, long milliseconds);

    [LoggerMessage(30, LogLevel.Information, "Model {Model} uploaded: {Length} bytes, sha256 {Sha256}, by user {UserId}.")]
    public static partial void ModelUploaded(this ILogger logger, string model, long length, string sha256, int userId);

    [LoggerMessage(31, LogLevel.Information, "Model {Model} activated by user {UserId}.")]
    public static partial void ModelActivated(this ILogger logger, string model, int userId);

    [LoggerMessage(32, LogLevel.Information, "Model {Model} deleted by user {UserId}.")]
    public static partial void ModelDeleted(this ILogger logger, string model, int userId);

    [LoggerMessage(15, LogLevel.Information, "Embedded stores in {Folder}.")]
    public static partial void EmbeddedStores(this ILogger logger, string folder);

    [LoggerMessage(40, LogLevel.Information, "Image {ImageId}: mask of user {UserId} kept, {Voxels} voxels.")]
    public static partial void MaskKept(this ILogger logger, int imageId, int userId, long voxels);

    [LoggerMessage(41, LogLevel.Information, "Image {ImageId}: the clinician's mask was removed by user {UserId}.")]
    public static partial void MaskRemoved(this ILogger logger, int imageId, int userId);

    [LoggerMessage(42, LogLevel.Information, "Image {ImageId} preprocessed in {Milliseconds} ms.")]
    public static partial void ImagePreprocessed(this ILogger logger, int imageId, long milliseconds);

    [LoggerMessage(43, LogLevel.Information, "Image {ImageId} augmented: {Samples} samples in {Milliseconds} ms.")]
    public static partial void ImageAugmented(this ILogger logger, int imageId, int samples, long milliseconds);

    [LoggerMessage(44, LogLevel.Information, "Surface of image {ImageId} built: {Triangles} triangles in {Milliseconds} ms.")]
    public static partial void SurfaceBuilt(this ILogger logger, int imageId, int triangles, long milliseconds);

    [LoggerMessage(45, LogLevel.Information, "Classifier {Name} ({Algorithm}) trained on {Cases} cases in {Milliseconds} ms.")]
    public static partial void ClassifierTrained(this ILogger logger, string name, string algorithm, int cases, long milliseconds);

    [LoggerMessage(60, LogLevel.Information, "Job {JobId}: started over {Images} images by user {UserId} ({CorrelationId}).")]
    public static partial void JobStarted(this ILogger logger, string jobId, int images, int userId, string correlationId);

    [LoggerMessage(61, LogLevel.Information, "Job {JobId}: work on {Images} images begins ({CorrelationId}).")]
    public static partial void JobBegun(this ILogger logger, string jobId, int images, string correlationId);

    [LoggerMessage(62, LogLevel.Information, "Job {JobId}: image {ImageId} ended with {Code} ({CorrelationId}).")]
    public static partial void JobItemEnded(this ILogger logger, string jobId, int imageId, string code, string correlationId);

    [LoggerMessage(63, LogLevel.Information, "Job {JobId}: {Status}, {Succeeded} images analysed, {Failed} failed ({CorrelationId}).")]
    public static partial void JobEnded(this ILogger logger, string jobId, string status, int succeeded, int failed, string correlationId);

    [LoggerMessage(64, LogLevel.Information, "Job {JobId}: image {ImageId} was refused in step {Step}: {Code} ({CorrelationId}).")]
    public static partial void JobStepRefused(
        this ILogger logger, string jobId, int imageId, string step, string code, string correlationId);

    [LoggerMessage(65, LogLevel.Error, "Job {JobId}: step {Step} of image {ImageId} failed ({CorrelationId}).")]
    public static partial void JobStepFailed(
        this ILogger logger, Exception exception, string jobId, int imageId, string step, string correlationId);

    [LoggerMessage(66, LogLevel.Information, "Job {JobId}: cancelled by user {UserId} ({CorrelationId}).")]
    public static partial void JobCancelled(this ILogger logger, string jobId, int userId, string correlationId);

    [LoggerMessage(67, LogLevel.Warning, "Job {JobId}: was recorded and never scheduled; scheduled now ({CorrelationId}).")]
    public static partial void JobResumed(this ILogger logger, string jobId, string correlationId);

    [LoggerMessage(68, LogLevel.Error, "Job {JobId}: its orchestration ended without it ({CorrelationId}).")]
    public static partial void JobBroken(this ILogger logger, string jobId, string correlationId);

    [LoggerMessage(70, LogLevel.Information, "Inbox {ReceiptId}: is image {ImageId} ({CorrelationId}).")]
    public static partial void IntakeDone(this ILogger logger, string receiptId, int imageId, string correlationId);

    [LoggerMessage(71, LogLevel.Error, "Inbox {ReceiptId}: attempt failed, {Failures} so far ({CorrelationId}).")]
    public static partial void IntakeFailed(
        this ILogger logger, Exception exception, string receiptId, int failures, string correlationId);

    [LoggerMessage(72, LogLevel.Warning, "Inbox {ReceiptId}: put aside, {Code} ({CorrelationId}).")]
    public static partial void FileQuarantined(this ILogger logger, string receiptId, string code, string correlationId);

    [LoggerMessage(73, LogLevel.Information, "Inbox upload {TicketId}: {Length} bytes arrived.")]
    public static partial void InboxUploadDone(this ILogger logger, string ticketId, long length);

    [LoggerMessage(80, LogLevel.Information, "Report {ReportId} of image {ImageId} saved by user {UserId}.")]
    public static partial void ReportSaved(this ILogger logger, int reportId, int imageId, int userId);

    [LoggerMessage(81, LogLevel.Information, "Report {ReportId} deleted by user {UserId}.")]
    public static partial void ReportDeleted(this ILogger logger, int reportId, int userId);

    [LoggerMessage(82, LogLevel.Information, "Report of image {ImageId} exported as {Format}: {Length} bytes in {Milliseconds} ms.")]
    public static partial void ReportExported(this ILogger logger, int imageId, string format, long length, long milliseconds);
}
