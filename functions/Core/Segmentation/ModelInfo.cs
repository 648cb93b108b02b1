namespace TumorFunctions.Core.Segmentation;

/// <summary>A loaded model.</summary>
/// <param name="Name">As the registry knows it.</param>
/// <param name="Device">What runs it: cpu or cuda.</param>
/// <param name="FileName">Name of the file in the registry's directory.</param>
/// <param name="LastModified">When the file was last written (UTC).</param>
/// <param name="LoadTime">From reading the file to the end of the warm-up.</param>
/// <param name="Latency">
/// Time that the network takes for a slice: a moving mean over what it ran since it was loaded, the warm-up included.
/// </param>
/// <param name="Warnings">What does not fit together but does not hinder serving; empty as a rule.</param>
public sealed record ModelInfo(
    string Name,
    ModelCard Card,
    string Device,
    string FileName,
    DateTimeOffset LastModified,
    TimeSpan LoadTime,
    TimeSpan Latency,
    IReadOnlyList<string> Warnings);
