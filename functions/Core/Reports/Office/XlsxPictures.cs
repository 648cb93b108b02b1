using System.Globalization;
using DocumentFormat.OpenXml.Packaging;
using A = DocumentFormat.OpenXml.Drawing;
using Xdr = DocumentFormat.OpenXml.Drawing.Spreadsheet;

namespace TumorFunctions.Core.Reports.Office;

/// <summary>Puts pictures onto a sheet of an XLSX.</summary>
internal sealed class XlsxPictures
{
    private const double EmuPerPoint = 12700;

    private readonly DrawingsPart _part;
    private uint _count;

    public XlsxPictures(DrawingsPart part)
    {
        _part = part;
        part.WorksheetDrawing = new Xdr.WorksheetDrawing();
    }

    /// <param name="row">Row from 0 that its top left corner lies in, in the first column.</param>
    /// <param name="width">In points, as the height.</param>
    public void Add(byte[] png, int row, double width, double height, string description)
    {
        var number = ++_count;
        var id = $"rIdPicture{number}";
        var image = _part.AddNewPart<ImagePart>("image/png", id);
        using (var content = new MemoryStream(png, writable: false))
        {
            image.FeedData(content);
        }

        var (cx, cy) = ((long)(width * EmuPerPoint), (long)(height * EmuPerPoint));
        _part.WorksheetDrawing!.Append(new Xdr.OneCellAnchor(
            new Xdr.FromMarker(
                new Xdr.ColumnId("0"),
                new Xdr.ColumnOffset("0"),
                new Xdr.RowId(row.ToString(CultureInfo.InvariantCulture)),
                new Xdr.RowOffset("0")),
            new Xdr.Extent { Cx = cx, Cy = cy },
            new Xdr.Picture(
                new Xdr.NonVisualPictureProperties(
                    new Xdr.NonVisualDrawingProperties { Id = number + 1, Name = $"图 {number}", Description = description },
                    new Xdr.NonVisualPictureDrawingProperties()),
                new Xdr.BlipFill(new A.Blip { Embed = id }, new A.Stretch(new A.FillRectangle())),
                new Xdr.ShapeProperties(
                    new A.Transform2D(new A.Offset { X = 0, Y = 0 }, new A.Extents { Cx = cx, Cy = cy }),
                    new A.PresetGeometry(new A.AdjustValueList()) { Preset = A.ShapeTypeValues.Rectangle })),
            new Xdr.ClientData()));
    }
}
