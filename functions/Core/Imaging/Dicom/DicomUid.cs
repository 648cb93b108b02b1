using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Unique identifiers under 2.25, a UUID as a decimal number (PS3.5, B.2).</summary>
internal static class DicomUid
{
    /// <summary>The identifier for a name: a UUID of version 8 (RFC 9562) from its SHA-256, the same each time.</summary>
    public static string Of(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        Span<byte> uuid = hash[..16];
        uuid[6] = (byte)((uuid[6] & 0x0F) | 0x80);
        uuid[8] = (byte)((uuid[8] & 0x3F) | 0x80);
        return "2.25." + new BigInteger(uuid, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture);
    }
}
