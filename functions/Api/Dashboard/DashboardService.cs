using System.Globalization;
using System.Text.Json.Serialization;
using TumorFunctions.Api.Health;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;

namespace TumorFunctions.Api.Dashboard;

/// <summary>Figures for the dashboard, from counters that are kept up to date on write.</summary>
public sealed class DashboardService(ImageStore images, ActiveModel model, SystemHealth health, TimeProvider time)
{
    public async Task<StatsAnswer> StatsAsync(CancellationToken cancellationToken)
    {
        var today = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var totals = await images.TotalsAsync(cancellationToken);
        var state = await health.CheckAsync(cancellationToken);
        return new StatsAnswer(
            await images.CasesOnAsync(today, cancellationToken),
            model.Accuracy,
            state.Status,
            totals.Images,
            totals.Tumors);
    }
}

/// <param name="TodayCases">Images uploaded today (UTC).</param>
/// <param name="ModelAccuracy">Measured on the active model's validation patients; null for a model without figures.</param>
/// <param name="SystemStatus">healthy, degraded or unhealthy.</param>
/// <param name="TotalImages">Images there are.</param>
/// <param name="DetectedTumors">Images whose latest analysis found a tumour.</param>
public sealed record StatsAnswer(
    [property: JsonPropertyName("todayCases")] long TodayCases,
    [property: JsonPropertyName("modelAccuracy")] double? ModelAccuracy,
    [property: JsonPropertyName("systemStatus")] string SystemStatus,
    [property: JsonPropertyName("totalImages")] long TotalImages,
    [property: JsonPropertyName("detectedTumors")] long DetectedTumors);
