using Microsoft.AspNetCore.Http;

namespace TumorFunctions.Api.Http;

/// <summary>Which page of a list is asked for.</summary>
public readonly record struct Page(int Number, int Size)
{
    private const int MaxNumber = 1_000_000;
    private const int MaxSize = 100;

    public int Offset => (Number - 1) * Size;

    /// <exception cref="ValidationException">page or per_page is out of range.</exception>
    public static Page From(HttpRequest request, int defaultSize)
    {
        var query = RequestFields.FromQuery(request, "page", "per_page");
        return new Page(
            query.WholeNumber("page", 1, MaxNumber) ?? 1,
            query.WholeNumber("per_page", 1, MaxSize) ?? defaultSize);
    }

    public Pagination Describe(long total) => new(Number, Size, total, (total + Size - 1) / Size);
}

/// <summary>The reference's pagination block.</summary>
public sealed record Pagination(int Page, int PerPage, long Total, long Pages);
