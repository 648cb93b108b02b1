using DocumentFormat.OpenXml.Packaging;
using A = DocumentFormat.OpenXml.Drawing;
using DW = DocumentFormat.OpenXml.Drawing.Wordprocessing;
using Pic = DocumentFormat.OpenXml.Drawing.Pictures;
using Word = DocumentFormat.OpenXml.Wordprocessing;

namespace TumorFunctions.Core.Reports.Office;

/// <summary>Puts pictures into a DOCX.</summary>
internal sealed class DocxPictures(MainDocumentPart main)
{
    private const string PictureUri = "http://schemas.openxmlformats.org/drawingml/2006/picture";
    private const double EmuPerPoint = 12700;

    private uint _count;

    /// <param name="width">In points, as the height.</param>
    public Word.Drawing Add(byte[] png, double width, double height, string description)
    {
        var number = ++_count;
        var id = $"rIdPicture{number}";
        var part = main.AddNewPart<ImagePart>("image/png", id);
        using (var content = new MemoryStream(png, writable: false))
        {
            part.FeedData(content);
        }

        var (cx, cy) = ((long)(width * EmuPerPoint), (long)(height * EmuPerPoint));
        return new Word.Drawing(new DW.Inline(
            new DW.Extent { Cx = cx, Cy = cy },
            new DW.DocProperties { Id = number, Name = $"图 {number}", Description = description },
            new A.Graphic(new A.GraphicData(new Pic.Picture(
                new Pic.NonVisualPictureProperties(
                    new Pic.NonVisualDrawingProperties { Id = number, Name = $"figure{number}.png" },
                    new Pic.NonVisualPictureDrawingProperties()),
                new Pic.BlipFill(new A.Blip { Embed = id }, new A.Stretch(new A.FillRectangle())),
                new Pic.ShapeProperties(
                    new A.Transform2D(new A.Offset { X = 0, Y = 0 }, new A.Extents { Cx = cx, Cy = cy }),
                    new A.PresetGeometry(new A.AdjustValueList()) { Preset = A.ShapeTypeValues.Rectangle })))
            { Uri = PictureUri }))
        {
            DistanceFromTop = 0,
            DistanceFromBottom = 0,
            DistanceFromLeft = 0,
            DistanceFromRight = 0,
        });
    }
}
