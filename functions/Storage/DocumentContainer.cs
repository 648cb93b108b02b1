namespace TumorFunctions.Storage;

/// <summary>A container of documents and what is known of it before the first write.</summary>
/// <param name="Name">1 to 63 of a-z, 0-9, '_' and '-', a letter first.</param>
/// <param name="IndexedProperties">Top-level properties (snake_case) that queries filter and order by often.</param>
public sealed record DocumentContainer(string Name, IReadOnlyList<string> IndexedProperties);
