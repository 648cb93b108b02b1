using System.Runtime.InteropServices;
using HarfBuzzSharp;

namespace TumorFunctions.Core.Reports.Fonts;

/// <summary>HarfBuzz' subsetter, which its .NET binding carries but does not expose.</summary>
internal static partial class SubsetFont
{
    private const string Library = "libHarfBuzzSharp";
    private const int DropTableTag = 3;

    // Layout is not used, so its tables would be dead weight.
    private static readonly string[] Dropped = ["GSUB", "GPOS", "GDEF", "kern", "DSIG"];

    /// <summary>A font file with the glyphs of these characters alone.</summary>
    /// <exception cref="InvalidOperationException">The font cannot be subset.</exception>
    public static byte[] Create(Face face, IEnumerable<int> characters)
    {
        var input = InputCreate();
        Require(input);
        nint subset = 0, blob = 0;
        try
        {
            var unicodes = UnicodeSet(input);
            foreach (var character in characters)
            {
                Add(unicodes, (uint)character);
            }

            var dropped = InputSet(input, DropTableTag);
            foreach (var tag in Dropped)
            {
                Add(dropped, Tag.Parse(tag));
            }

            subset = Subset(face.Handle, input);
            Require(subset);
            blob = FaceBlob(subset);
            var data = BlobData(blob, out var length);
            Require(data);
            var file = new byte[length];
            Marshal.Copy(data, file, 0, file.Length);
            return file;
        }
        finally
        {
            BlobDestroy(blob);
            FaceDestroy(subset);
            InputDestroy(input);
        }
    }

    private static void Require(nint handle)
    {
        if (handle == 0)
        {
            throw new InvalidOperationException("The reports' font cannot be subset.");
        }
    }

    [LibraryImport(Library, EntryPoint = "hb_subset_input_create_or_fail")]
    private static partial nint InputCreate();

    [LibraryImport(Library, EntryPoint = "hb_subset_input_destroy")]
    private static partial void InputDestroy(nint input);

    [LibraryImport(Library, EntryPoint = "hb_subset_input_unicode_set")]
    private static partial nint UnicodeSet(nint input);

    [LibraryImport(Library, EntryPoint = "hb_subset_input_set")]
    private static partial nint InputSet(nint input, int kind);

    [LibraryImport(Library, EntryPoint = "hb_set_add")]
    private static partial void Add(nint set, uint value);

    [LibraryImport(Library, EntryPoint = "hb_subset_or_fail")]
    private static partial nint Subset(nint face, nint input);

    [LibraryImport(Library, EntryPoint = "hb_face_reference_blob")]
    private static partial nint FaceBlob(nint face);

    [LibraryImport(Library, EntryPoint = "hb_face_destroy")]
    private static partial void FaceDestroy(nint face);

    [LibraryImport(Library, EntryPoint = "hb_blob_get_data")]
    private static partial nint BlobData(nint blob, out uint length);

    [LibraryImport(Library, EntryPoint = "hb_blob_destroy")]
    private static partial void BlobDestroy(nint blob);
}
