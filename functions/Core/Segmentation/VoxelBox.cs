namespace TumorFunctions.Core.Segmentation;

/// <summary>A box of whole voxels: the first of each axis, and the one after the last.</summary>
public readonly record struct VoxelBox(int X0, int Y0, int Z0, int X1, int Y1, int Z1)
{
    public int[] ToArray() => [X0, Y0, Z0, X1, Y1, Z1];
}
