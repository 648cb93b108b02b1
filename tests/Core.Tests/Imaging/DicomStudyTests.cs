using System.Text;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class DicomStudyTests
{
    [Theory]
    [InlineData("GB18030", 54936, "Zhang^San=张^三", "张三")]
    [InlineData("GBK", 936, "王^小东", "王小东")]
    [InlineData("ISO_IR 192", 65001, "欧阳^娜娜", "欧阳娜娜")]
    [InlineData("ISO_IR 100", 28591, "Müller^Jérôme", "Müller Jérôme")]
    [InlineData("ISO_IR 100", 936, "张^三丰", "张三丰")] // devices that state Latin-1 and write GBK
    [InlineData("", 54936, "李^四", "李四")]
    [InlineData("", 65001, "李^四", "李四")]
    [InlineData("ISO_IR 6", 20127, "Doe^John^A^Dr", "Doe John A Dr")]
    [InlineData("ISO_IR 144", 28595, "Иванов^Пётр", "Иванов Пётр")]
    [InlineData("ISO_IR 149", 51949, "홍^길동", "홍 길동")]
    public void Names_decode_in_their_character_set(string term, int codePage, string stored, string name)
    {
        Encoding encoding = CodePagesEncodingProvider.Instance.GetEncoding(codePage) ?? Encoding.GetEncoding(codePage);
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1]).Text(0x00080005, "CS", term).Bytes(0x00100010, "PN", encoding.GetBytes(stored));
        Assert.Equal(name, DicomTests.Read(dicom).Study.PatientName);
    }

    [Fact]
    public void Code_extensions_of_china_and_japan_decode()
    {
        byte[] chinese = [.. "Wang^XiaoDong="u8, 0x1B, 0x24, 0x29, 0x41, 0xCD, 0xF5, (byte)'^', 0x1B, 0x24, 0x29, 0x41, 0xD0, 0xA1, 0xB6, 0xAB];
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1]).Text(0x00080005, "CS", "\\ISO 2022 IR 58").Bytes(0x00100010, "PN", chinese);
        Assert.Equal("王小东", DicomTests.Read(dicom).Study.PatientName);

        // PS3.5, H.3.1.
        byte[] japanese = [.. "Yamada^Tarou="u8, 0x1B, 0x24, 0x42, 0x3B, 0x33, 0x45, 0x44, 0x1B, 0x28, 0x42, (byte)'^',
            0x1B, 0x24, 0x42, 0x42, 0x40, 0x4F, 0x3A, 0x1B, 0x28, 0x42];
        dicom = DicomBuilder.Grey(1, 1, [1]).Text(0x00080005, "CS", "\\ISO 2022 IR 87").Bytes(0x00100010, "PN", japanese);
        Assert.Equal("山田太郎", DicomTests.Read(dicom).Study.PatientName);
    }

    [Theory]
    [InlineData("045Y", 45)]
    [InlineData("018M", 1)]
    [InlineData("003W", 0)]
    [InlineData("000Y", 40)] // nothing entered: from the birth date
    [InlineData("", 40)]
    [InlineData("abc", 40)]
    public void Age_comes_from_its_field_or_the_birth_date(string age, int years)
    {
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1]).Text(0x00101010, "AS", age).Text(0x00100030, "DA", "19850929").Text(0x00080020, "DA", "20260928");
        Assert.Equal(years, DicomTests.Read(dicom).Study.Age);
    }

    [Fact]
    public void Facts_are_in_the_terms_of_the_record()
    {
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1])
            .Text(0x00080020, "DA", "20251228")
            .Text(0x00080060, "CS", "MR")
            .Text(0x00080080, "LO", "协和医院 ")
            .Text(0x00100020, "LO", "P001")
            .Text(0x00100040, "CS", "F ")
            .Text(0x00180015, "CS", "BRAIN");
        Assert.Equal(
            new StudyFacts { PatientId = "P001", Gender = "F", StudyDate = "2025-12-28", Modality = "MRI", BodyPart = "Brain", Institution = "协和医院" },
            DicomTests.Read(dicom).Study);
    }

    [Fact]
    public void What_is_absent_or_malformed_is_null()
    {
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1]).Text(0x00080020, "DA", "2025").Text(0x00100040, "CS", "X").Text(0x00100010, "PN", "^^");
        Assert.Equal(new StudyFacts(), DicomTests.Read(dicom).Study);
    }
}
