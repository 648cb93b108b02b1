namespace TumorFunctions.Core.Learning;

/// <summary>Cases to fit on, and cases kept aside to measure on.</summary>
public sealed record StratifiedSplit(IReadOnlyList<LabelledCase> Training, IReadOnlyList<LabelledCase> Test)
{
    /// <summary>
    /// Splits by groups: each class gives about <paramref name="testShare"/> of its cases to the test side, and at least one group to
    /// either side. A group with cases of several classes counts for the one it has most of. The same seed gives the same split,
    /// whatever order the cases come in.
    /// </summary>
    /// <param name="testShare">Between 0 and 1, exclusive.</param>
    /// <exception cref="TrainingDataException">A class has fewer than two groups, or is on one side only.</exception>
    public static StratifiedSplit Of(IEnumerable<LabelledCase> cases, double testShare, int seed)
    {
        if (testShare is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(testShare), testShare, "The share of the test lies between 0 and 1.");
        }

        List<LabelledCase> training = [];
        List<LabelledCase> test = [];
        var random = new Random(seed);
        foreach (var stratum in cases
            .GroupBy(item => item.Group, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .GroupBy(MostFrequent, StringComparer.Ordinal)
            .OrderBy(stratum => stratum.Key, StringComparer.Ordinal))
        {
            var groups = stratum.ToArray();
            if (groups.Length < 2)
            {
                throw new TrainingDataException(
                    $"Class '{stratum.Key}' comes from {groups.Length} group; at least 2 are needed to train on one and test on another.");
            }

            random.Shuffle(groups);
            var wanted = Math.Max(1, (int)Math.Round(testShare * groups.Sum(group => group.Count())));
            var taken = 0;
            for (var i = 0; i < groups.Length; i++)
            {
                // The last group stays in training whatever was asked for.
                var toTest = taken < wanted && i < groups.Length - 1;
                (toTest ? test : training).AddRange(groups[i]);
                taken += toTest ? groups[i].Count() : 0;
            }
        }

        var classes = training.Select(item => item.Label).ToHashSet(StringComparer.Ordinal);
        return classes.SetEquals(test.Select(item => item.Label))
            ? new StratifiedSplit(training, test)
            : throw new TrainingDataException("A class is found on one side of the split only, as its cases share groups with another class.");
    }

    private static string MostFrequent(IGrouping<string, LabelledCase> group) => group
        .GroupBy(item => item.Label, StringComparer.Ordinal)
        .OrderByDescending(label => label.Count())
        .ThenBy(label => label.Key, StringComparer.Ordinal)
        .First().Key;
}
