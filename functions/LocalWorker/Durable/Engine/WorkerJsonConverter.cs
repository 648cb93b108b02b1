using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.Extensions.Options;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>JSON by the worker's serialiser options, as the real worker has it.</summary>
internal sealed class WorkerJsonConverter(IOptions<JsonSerializerOptions> options) : DataConverter
{
    [return: NotNullIfNotNull(nameof(value))]
    public override string? Serialize(object? value) => value is null ? null : JsonSerializer.Serialize(value, options.Value);

    [return: NotNullIfNotNull(nameof(data))]
    public override object? Deserialize(string? data, Type targetType) =>
        data is null ? null : JsonSerializer.Deserialize(data, targetType, options.Value)!;
}
