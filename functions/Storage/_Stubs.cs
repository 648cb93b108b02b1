#pragma warning disable
namespace TumorFunctions.Storage;
public sealed record DocumentContainer(string Name, IReadOnlyList<string> IndexedProperties);
