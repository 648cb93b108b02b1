using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace TumorFunctions.Api.Tests;

/// <summary>Whatever comes as an upload: a clear refusal, nothing left in the stores, and the next request is served.</summary>
public sealed class BadUploadTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    public static TheoryData<string, string, byte[]> BadFiles()
    {
        var png = Requests.Png();
        var jpegStart = (byte[])[0xff, 0xd8, 0xff, 0xe0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0];
        var damaged = (byte[])png.Clone();
        damaged[png.Length / 2] ^= 0x55;
        var huge = (byte[])png.Clone();
        BinaryPrimitives.WriteInt32BigEndian(huge.AsSpan(16), 60_000);
        BinaryPrimitives.WriteInt32BigEndian(huge.AsSpan(20), 60_000);
        BinaryPrimitives.WriteUInt32BigEndian(huge.AsSpan(29), Crc32(huge.AsSpan(12, 17)));
        return new TheoryData<string, string, byte[]>
        {
            { "empty", "scan.png", [] },
            { "text", "scan.png", Encoding.UTF8.GetBytes("this is no image") },
            { "html", "scan.png", "<html><script>alert(1)</script>"u8.ToArray() },
            { "executable", "scan.exe", png },
            { "a PNG called JPEG", "scan.jpg", png },
            { "a PNG called DICOM", "scan.dcm", png },
            { "signature only", "scan.png", png[..8] },
            { "half", "scan.png", png[..(png.Length / 2)] },
            { "last byte missing", "scan.png", png[..^13] },
            { "damaged", "scan.png", damaged },
            { "60000 × 60000", "scan.png", huge },
            { "a JPEG's start", "scan.jpg", jpegStart },
            { "a TIFF's start", "scan.tif", [0x49, 0x49, 42, 0, 8, 0, 0, 0] },
            { "a TIFF that points nowhere", "scan.tif", [0x49, 0x49, 42, 0, 0xff, 0xff, 0xff, 0x7f] },
        };
    }

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task A_bad_file_is_refused_and_leaves_nothing(string what, string name, byte[] content)
    {
        Assert.NotEmpty(what);
        var before = Blobs();
        using var answer = await fixture.Admin.UploadAsync(content, name, ("patient_id", "P001"));
        await answer.RefusedAsync(HttpStatusCode.BadRequest);
        await NothingLeftAsync(before);
    }

    [Theory]
    [InlineData("age", "old")]
    [InlineData("age", "-3")]
    [InlineData("gender", "unknown")]
    [InlineData("scan_date", "yesterday")]
    [InlineData("shoe_size", "42")]
    [InlineData("patient_id", "\u0001")]
    public async Task A_bad_field_is_refused_and_leaves_nothing(string name, string value)
    {
        var before = Blobs();
        using var answer = await fixture.Admin.UploadAsync(Requests.Png(), fields: (name, value));
        var body = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(name, body.GetProperty("error").GetString(), StringComparison.Ordinal);
        await NothingLeftAsync(before);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x", "")]
    [InlineData("multipart/form-data; boundary=x", "--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"patient_id\"\r\n\r\nP001\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nno name\r\n--x--\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n\u0089PN")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nno header\r\n\r\nabc\r\n--x--\r\n")]
    [InlineData("multipart/form-data", "--x--\r\n")]
    [InlineData("application/json", "{}")]
    [InlineData("image/png", "x")]
    public async Task A_body_that_is_no_form_with_a_file_is_refused(string type, string body)
    {
        var before = Blobs();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var answer = await fixture.Admin.PostAsync(new Uri("/api/medical/upload", UriKind.Relative), content);
        await answer.RefusedAsync(HttpStatusCode.BadRequest);
        await NothingLeftAsync(before);
    }

    [Fact]
    public async Task Two_files_are_refused_and_leave_nothing()
    {
        var before = Blobs();
        using var form = Requests.Form(new ByteArrayContent(Requests.Png()));
        form.Add(new ByteArrayContent(Requests.Png()), "file", "second.png");
        using var answer = await fixture.Admin.PostAsync(new Uri("/api/medical/upload", UriKind.Relative), form);
        await answer.RefusedAsync(HttpStatusCode.BadRequest);
        await NothingLeftAsync(before);
    }

    [Fact]
    public async Task More_than_the_limit_is_refused_announced_or_not()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Images__MaxUploadBytes"] = "100000", ["Images__FormOverheadBytes"] = "1000" });
        using var admin = await api.LogInAsync();
        var content = (byte[])[.. Requests.Png(), .. new byte[200_000]];
        using var announced = await admin.UploadAsync(content);
        await announced.RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");

        using var form = Requests.Form(new ByteArrayContent(content));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/medical/upload") { Content = form };
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await admin.SendAsync(request);
        await chunked.RefusedAsync(HttpStatusCode.RequestEntityTooLarge, "PAYLOAD_TOO_LARGE");
        Assert.Empty(Directory.GetFiles(Path.Combine(api.DataFolder, "blobs"), "*", SearchOption.AllDirectories));
    }

    private string[] Blobs() =>
        [.. Directory.GetFiles(Path.Combine(fixture.Api.DataFolder, "blobs"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private async Task NothingLeftAsync(string[] before)
    {
        Assert.Equal(before, Blobs());
        using var list = await fixture.Admin.GetAsync("/api/medical/list");
        Assert.Equal(0, (await list.ReadAsync()).GetProperty("pagination").GetProperty("total").GetInt32());
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
            }
        }

        return ~crc;
    }
}
