using System.Runtime.InteropServices;

namespace TumorFunctions.Infra.Tests;

/// <summary>A test that needs the compiler, which is restored for one platform.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BicepFactAttribute : FactAttribute
{
    public BicepFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
            Skip = $"The Bicep compiler of these tests runs on linux-x64, not on {RuntimeInformation.RuntimeIdentifier}.";
    }
}
