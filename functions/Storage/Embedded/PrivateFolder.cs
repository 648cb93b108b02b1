namespace TumorFunctions.Storage.Embedded;

/// <summary>Folders of patient data are their owner's alone.</summary>
internal static class PrivateFolder
{
    public static void Create(string path)
    {
        if (Directory.Exists(path))
            return;

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // The mode is given to the last folder of a path only.
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            Create(parent);
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
