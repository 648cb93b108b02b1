namespace TumorFunctions.Core.Imaging.Augmentation;

/// <summary>How far the samples of an augmentation may stray from the picture.</summary>
/// <param name="Degrees">Rotation by up to so many degrees either way, 0 to 180.</param>
/// <param name="Translate">Shift by up to this share of the width and of the height either way, 0 to 1.</param>
/// <param name="Scale">Enlargement by a factor of 1 ± up to this, 0 to 1, and never below <see cref="MinFactor"/>.</param>
/// <param name="FlipVertical">Whether every sample is turned upside down.</param>
/// <param name="FlipHorizontal">Whether every sample has left and right exchanged.</param>
public sealed record AugmentationRanges(double Degrees, double Translate, double Scale, bool FlipVertical, bool FlipHorizontal)
{
    public const double MaxDegrees = 180;

    /// <summary>A smaller factor would leave nothing to look at.</summary>
    public const double MinFactor = 0.1;

    /// <summary>
    /// The sample with a number from 0: every quantity uniform in its range, the same for the same seed and number whatever else is
    /// drawn and on every machine.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A range is not within its bounds.</exception>
    public AffineSample Draw(long seed, int number)
    {
        ThrowUnlessWithin(Degrees, MaxDegrees, nameof(Degrees));
        ThrowUnlessWithin(Translate, 1, nameof(Translate));
        ThrowUnlessWithin(Scale, 1, nameof(Scale));
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        SplitMix random = new(seed, number);
        return new AffineSample(
            Degrees * random.NextSigned(),
            Translate * random.NextSigned(),
            Translate * random.NextSigned(),
            Math.Max(MinFactor, 1 + (Scale * random.NextSigned())),
            FlipVertical,
            FlipHorizontal);
    }

    private static void ThrowUnlessWithin(double value, double max, string name)
    {
        if (!(value >= 0 && value <= max))
            throw new ArgumentOutOfRangeException(name, value, $"{name} lies between 0 and {max}.");
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood 2014); System.Random promises no sequence from one version to the next.</summary>
    private struct SplitMix(long seed, int stream)
    {
        private const ulong Gamma = 0x9E3779B97F4A7C15;

        private ulong _state = Mix((ulong)seed + (Gamma * ((ulong)stream + 1)));

        /// <summary>Uniform from −1 to 1.</summary>
        public double NextSigned()
        {
            _state += Gamma;
            return ((Mix(_state) >> 11) * (2.0 / (1UL << 53))) - 1;
        }

        private static ulong Mix(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
