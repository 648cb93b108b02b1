using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Workbench;

/// <summary>Which slice of a volume a request means, and which image.</summary>
public readonly record struct SliceChoice(int ImageId, int? Slice)
{
    public static SliceChoice Read(RequestFields fields) => new(
        fields.WholeNumber("image_id", 1, int.MaxValue) ?? throw new ValidationException("缺少字段 image_id"),
        fields.WholeNumber("slice", 0, int.MaxValue));

    /// <summary>The slice that was asked for, else <paramref name="other"/>.</summary>
    /// <exception cref="ValidationException">The volume has no such slice.</exception>
    public int In(Volume volume, int other) => (Slice ?? other) < volume.Depth
        ? Slice ?? other
        : throw new ValidationException($"字段 slice 必须是 0 到 {volume.Depth - 1} 之间的整数");
}
