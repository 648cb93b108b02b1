using System.Reflection;
using Microsoft.Azure.Functions.Worker;

namespace TumorFunctions.LocalWorker.Definition;

/// <summary>Finds the functions of an app.</summary>
internal static class FunctionCatalog
{
    private const BindingFlags DeclaredMethods =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The classes of the app's assembly and of the assemblies it uses that know this worker's attributes.</summary>
    public static IEnumerable<Type> ClassesOf(Assembly app) =>
        app.GetReferencedAssemblies()
            .Where(name => !IsFrameworkOrWorker(name))
            .Select(Assembly.Load)
            .Where(UsesWorker)
            .Prepend(app)
            .SelectMany(assembly => assembly.GetTypes());

    /// <summary>The functions of <paramref name="classes"/> in the order of their names, which is the host's order.</summary>
    /// <exception cref="InvalidOperationException">Two functions share a name, or one cannot be called.</exception>
    public static IReadOnlyList<LocalFunctionDefinition> FunctionsOf(IEnumerable<Type> classes)
    {
        var functions = new SortedDictionary<string, LocalFunctionDefinition>(StringComparer.OrdinalIgnoreCase);
        foreach (var method in classes.SelectMany(type => type.GetMethods(DeclaredMethods)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is not { } attribute)
            {
                continue;
            }
            var function = new LocalFunctionDefinition(attribute.Name, method);
            Require(method.IsPublic && method.DeclaringType!.IsVisible, function, "must be a public method of a public class");
            Require(!method.DeclaringType!.ContainsGenericParameters && !method.IsGenericMethod, function, "must not be generic");
            if (!functions.TryAdd(function.Name, function))
            {
                throw new InvalidOperationException(
                    $"Two functions share a name: {functions[function.Name]} and {function}. Names must differ, whatever their case.");
            }
        }
        return [.. functions.Values];
    }

    private static void Require(bool condition, LocalFunctionDefinition function, string rule)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Function {function} {rule}.");
        }
    }

    private static bool IsFrameworkOrWorker(AssemblyName name) =>
        name.Name is not { } text
        || text.StartsWith("System.", StringComparison.Ordinal)
        || text.StartsWith("Microsoft.", StringComparison.Ordinal)
        || text == Worker;

    private static bool UsesWorker(Assembly assembly) => assembly.GetReferencedAssemblies().Any(name => name.Name == Worker);

    private static string? Worker => typeof(FunctionCatalog).Assembly.GetName().Name;
}
