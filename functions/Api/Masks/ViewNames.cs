using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Masks;

/// <summary>Planes as the API names them.</summary>
public static class ViewNames
{
    public static string? Of(AnatomicalAxes axes) => axes.Plane switch
    {
        AnatomicalPlane.Axial => "axial",
        AnatomicalPlane.Coronal => "coronal",
        AnatomicalPlane.Sagittal => "sagittal",
        _ => null,
    };
}
