namespace TumorFunctions.Core.Segmentation;

/// <summary>A prediction that passed the threshold, before suppression.</summary>
/// <param name="Index">Which of the network's predictions it is.</param>
/// <param name="Box">In pixels of the network's input.</param>
internal readonly record struct Candidate(float Score, int ClassId, int Index, BoundingBox Box) : IComparable<Candidate>
{
    /// <summary>Best first; equal scores in the network's order.</summary>
    public int CompareTo(Candidate other)
    {
        var byScore = other.Score.CompareTo(Score);
        return byScore != 0 ? byScore : Index.CompareTo(other.Index);
    }
}
