using TumorFunctions.Core.Learning;

namespace TumorFunctions.Core.Tests.Learning;

public class StratifiedSplitTests
{
    [Theory]
    [InlineData(0.2, 1)]
    [InlineData(0.5, 2)]
    [InlineData(0.01, 3)]
    [InlineData(0.99, 4)]
    public void No_patient_is_on_both_sides_and_every_class_on_each(double share, int seed)
    {
        var random = new Random(seed);
        var cases = Enumerable.Range(0, 200)
            .Select(_ => random.Next(60))
            .Select(patient => new LabelledCase($"p{patient}", patient % 3 == 0 ? "a" : "b", [patient]))
            .ToList();
        var split = StratifiedSplit.Of(cases, share, seed);

        Assert.Equal(cases.Count, split.Training.Count + split.Test.Count);
        Assert.Empty(split.Training.Select(item => item.Group).Intersect(split.Test.Select(item => item.Group)));
        foreach (var label in new[] { "a", "b" })
        {
            var total = cases.Count(item => item.Label == label);
            var test = split.Test.Count(item => item.Label == label);
            var largest = cases.GroupBy(item => item.Group).Max(group => group.Count());
            Assert.InRange(test, 1, total - 1);
            if (share is > 0.1 and < 0.9)
            {
                Assert.InRange(test, (share * total) - 1, (share * total) + largest);
            }
        }
    }

    [Fact]
    public void The_seed_decides_not_the_order_of_the_cases()
    {
        var cases = Enumerable.Range(0, 40).Select(i => new LabelledCase($"p{i}", i % 2 == 0 ? "a" : "b", [i])).ToArray();
        var first = Groups(StratifiedSplit.Of(cases, 0.3, 7).Test);
        Assert.Equal(first, Groups(StratifiedSplit.Of(cases.Reverse(), 0.3, 7).Test));
        Assert.NotEqual(first, Groups(StratifiedSplit.Of(cases, 0.3, 8).Test));

        static string[] Groups(IEnumerable<LabelledCase> cases) => [.. cases.Select(item => item.Group).Order()];
    }

    [Fact]
    public void A_class_of_one_patient_cannot_be_split()
    {
        LabelledCase[] cases = [new("p1", "a", [1]), new("p1", "a", [2]), new("p2", "b", [3]), new("p3", "b", [4])];
        Assert.Contains("'a'", Assert.Throws<TrainingDataException>(() => StratifiedSplit.Of(cases, 0.5, 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedSplit.Of(cases, 1, 1));
    }

    [Fact]
    public void A_class_hidden_in_another_class_patients_cannot_be_split()
    {
        LabelledCase[] cases =
        [
            new("p1", "a", [1]), new("p1", "a", [2]), new("p1", "b", [3]), new("p2", "a", [4]), new("p3", "a", [5]),
        ];
        Assert.Throws<TrainingDataException>(() => StratifiedSplit.Of(cases, 0.4, 1));
    }
}
