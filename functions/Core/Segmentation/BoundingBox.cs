namespace TumorFunctions.Core.Segmentation;

/// <summary>A box in pixels of the original image: the left and top edges, and the right and bottom edges (outer borders).</summary>
public readonly record struct BoundingBox(float X0, float Y0, float X1, float Y1)
{
    public float Width => X1 - X0;

    public float Height => Y1 - Y0;
}
