using System.IO.Compression;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class ImageSnifferTests
{
    [Theory]
    [InlineData("89504E470D0A1A0A", ImageFormat.Png)]
    [InlineData("FFD8FFE0", ImageFormat.Jpeg)]
    [InlineData("49492A00", ImageFormat.Tiff)]
    [InlineData("4D4D002A", ImageFormat.Tiff)]
    [InlineData("49492B00", ImageFormat.Tiff)]
    [InlineData("4D4D002B", ImageFormat.Tiff)]
    [InlineData("504B0304", ImageFormat.Zip)]
    [InlineData("504B0506", ImageFormat.Zip)]
    [InlineData("", ImageFormat.Unknown)]
    [InlineData("89504E47", ImageFormat.Unknown)]
    [InlineData("FFD8", ImageFormat.Unknown)]
    [InlineData("474946383961", ImageFormat.Unknown)]
    [InlineData("1F8B", ImageFormat.Unknown)]
    [InlineData("255044462D312E37", ImageFormat.Unknown)]
    public void Signatures_decide(string hex, ImageFormat format) =>
        Assert.Equal(format, ImageSniffer.Identify(Convert.FromHexString(hex)));

    [Fact]
    public void Dicom_comes_before_whatever_its_preamble_holds()
    {
        byte[] head = new byte[200];
        "II*\0"u8.CopyTo(head);
        "DICM"u8.CopyTo(head.AsSpan(128));
        Assert.Equal(ImageFormat.Dicom, ImageSniffer.Identify(head));
        Assert.Equal(ImageFormat.Tiff, ImageSniffer.Identify(head.AsSpan(0, 131)));
    }

    [Theory]
    [InlineData("08000500435304004142434408001600554904003132333408002000")] // explicit little endian
    [InlineData("000800054353000441424344000800165549000431323334")] // explicit big endian
    [InlineData("0800050004000000414243440800160004000000313233340800200000000000")] // implicit
    [InlineData("02000000554C040000000000020001004F42000002000000000100000000")] // file meta without preamble
    public void Bare_data_sets_are_dicom(string hex) =>
        Assert.Equal(ImageFormat.Dicom, ImageSniffer.Identify(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("08000500435304004142434408000400554904003132333408002000")] // tags descend
    [InlineData("08000500515104004142434408001600554904003132333408002000")] // no such value representation
    [InlineData("080005000400FFFF414243440800160004000000313233340800200000000000")] // implausible length
    public void Other_bytes_are_not(string hex) =>
        Assert.Equal(ImageFormat.Unknown, ImageSniffer.Identify(Convert.FromHexString(hex)));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nifti_is_known_in_both_byte_orders_and_through_gzip(bool bigEndian)
    {
        byte[] one = new byte[400];
        one.AsSpan(350).Fill(7);
        "n+1\0"u8.CopyTo(one.AsSpan(344));
        (bigEndian ? (byte[])[0, 0, 1, 92] : [92, 1, 0, 0]).CopyTo(one, 0);
        (bigEndian ? (byte[])[0, 3] : [3, 0]).CopyTo(one, 40);
        byte[] two = new byte[600];
        (bigEndian ? (byte[])[0, 0, 2, 28] : [28, 2, 0, 0]).CopyTo(two, 0);
        "n+2\0\r\n\x1a\n"u8.CopyTo(two.AsSpan(4));
        foreach (byte[] head in new[] { one, two })
        {
            Assert.Equal(ImageFormat.Nifti, ImageSniffer.Identify(head));
            Assert.Equal(ImageFormat.Nifti, ImageSniffer.Identify(Gzip(head)));
        }
    }

    [Fact]
    public void Gzip_alone_says_nothing()
    {
        Assert.Equal(ImageFormat.Unknown, ImageSniffer.Identify(Gzip("A letter that was packed."u8.ToArray())));
        Assert.Equal(ImageFormat.Unknown, ImageSniffer.Identify([0x1F, 0x8B, 8, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]));
    }

    [Fact]
    public void Random_heads_never_break_it()
    {
        Random random = new(11);
        for (int n = 0; n < 2000; n++)
        {
            byte[] head = new byte[random.Next(700)];
            random.NextBytes(head);
            ImageSniffer.Identify(head);
            if (head.Length > 3)
                (head[0], head[1], head[2]) = (0x1F, 0x8B, 8);
            ImageSniffer.Identify(head);
        }
    }

    [Fact]
    public void Unknown_content_is_refused_by_a_message_that_names_what_is_read()
    {
        ImageFormatException e = Hostile.Refused("GIF89a and so on"u8.ToArray(), ImageFault.Unsupported);
        Assert.Contains("PNG, JPEG, TIFF, DICOM, NIfTI", e.Message, StringComparison.Ordinal);
        Assert.Contains("empty", Hostile.Refused([], ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    internal static byte[] Gzip(byte[] content)
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
            gzip.Write(content);
        return packed.ToArray();
    }
}
