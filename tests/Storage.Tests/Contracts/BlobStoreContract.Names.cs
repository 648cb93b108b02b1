namespace TumorFunctions.Storage.Tests.Contracts;

public abstract partial class BlobStoreContract
{
    public static TheoryData<string> Names => new(
        "a", "images/7/scan.png", "A", "image%20file.png", "%", "%%", "%41", "a~b", "~", "a~0123456789abcdef0123456789abcdef",
        "...", ".hidden", "a..b/c..", "with blank", "' OR 1=1 --", "a\"b<c>d|e*f?g:h;i&j#k", "颅脑 肿瘤/Ⅳ级.png", "🧠", "é", "e\u0301",
        new string('x', 1024), new string('脑', 1024), string.Join('/', Enumerable.Repeat("ab", 100)));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_well_formed_name_holds_a_blob(string name)
    {
        var written = await Store.WriteAsync(At(name), Bytes(name), Plain);

        Assert.Equal(name, written.Address.Name);
        Assert.Equal([name], await NamesAsync());
        Assert.Equal([name], await NamesAsync(name));
        AssertSame(written, await Store.GetPropertiesAsync(At(name)));
        await using (var open = await Store.OpenReadAsync(At(name)))
            Assert.Equal(name, await TextAsync(open));
        Assert.True(await Store.DeleteAsync(At(name)));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Names_that_are_alike_are_not_the_same()
    {
        string[] names =
        [
            "a", "A", "a/b", "a/B", "a%2Fb", "a%2fb", "a%252Fb", "é", "e\u0301", "\ufb01", "fi", "K", "\u212a", "a.", "a. ", "a ", " a",
            new string('x', 1023) + "y", new string('x', 1024), new string('X', 1024),
        ];
        foreach (var name in names)
            await Store.WriteAsync(At(name), Bytes(name), Plain);

        foreach (var name in names)
        {
            await using var open = await Store.OpenReadAsync(At(name));
            Assert.Equal(name, await TextAsync(open));
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), await NamesAsync());
    }

    public static TheoryData<string> RefusedNames => new(
        "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", "..\\a", "a\\b", "a\0b", "a\nb", "a\u007f", "a\u009f",
        "\ud83e", "\udde0a", "a\ud83eb", new string('x', 1025));

    [Theory]
    [MemberData(nameof(RefusedNames), DisableDiscoveryEnumeration = true)]
    public async Task Names_that_no_store_could_hold_are_refused_everywhere(string name)
    {
        var refusal = await Assert.ThrowsAsync<StorageAddressException>(() => Store.WriteAsync(At(name), Bytes("x"), Over));
        Assert.Equal(400, refusal.StatusCode);
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.GetPropertiesAsync(At(name)));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.OpenReadAsync(At(name)));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.DeleteAsync(At(name)));
        Assert.Empty(await ListAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("Images")]
    [InlineData("a_b")]
    [InlineData("-ab")]
    [InlineData("ab-")]
    [InlineData("a--b")]
    [InlineData("../x")]
    [InlineData("图像库")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public async Task Container_names_follow_the_rules(string container)
    {
        var address = new BlobAddress(container, "a");
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.WriteAsync(address, Bytes("x"), Plain));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.GetPropertiesAsync(address));
        await Assert.ThrowsAsync<StorageAddressException>(async () => await Store.ListAsync(container).GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public async Task Containers_are_apart()
    {
        var other = Container + "x";
        try
        {
            await Store.WriteAsync(At("a"), Bytes("mine"), Plain);
            await Store.WriteAsync(new BlobAddress(other, "a"), Bytes("theirs"), Plain);

            Assert.Equal(4, Assert.Single(await ListAsync()).Length);
            await Store.DeleteAsync(At("a"));
            Assert.NotNull(await Store.GetPropertiesAsync(new BlobAddress(other, "a")));
        }
        finally
        {
            await Store.DeleteAsync(new BlobAddress(other, "a"));
        }
    }

    [Fact]
    public async Task Listings_are_in_ordinal_order_and_prefixes_are_literal()
    {
        string[] names = ["B", "a", "a%", "a%b", "a-b", "a/1", "a/10", "a/2", "aB", "a_b", "ab", "b", "脑/1", "脑/2"];
        foreach (var name in names.Reverse())
            await Store.WriteAsync(At(name), Bytes("x"), Plain);

        Assert.Equal(names.Order(StringComparer.Ordinal), await NamesAsync());
        Assert.Equal(["a/1", "a/10", "a/2"], await NamesAsync("a/"));
        Assert.Equal(["a/1", "a/10"], await NamesAsync("a/1"));
        Assert.Equal(["a%", "a%b"], await NamesAsync("a%"));
        Assert.Equal(["a_b"], await NamesAsync("a_"));
        Assert.Equal(["脑/1", "脑/2"], await NamesAsync("脑"));
        Assert.Empty(await NamesAsync("A"));
        Assert.Empty(await NamesAsync("../"));
        Assert.Empty(await NamesAsync("*"));
    }

    public static TheoryData<string, string, string> RefusedFacts => new()
    {
        { "", "ok", "ok" },
        { "text/plain\r\nX-Header: 1", "ok", "ok" },
        { "文本", "ok", "ok" },
        { "text/plain", "", "x" },
        { "text/plain", "Name", "x" },
        { "text/plain", "1name", "x" },
        { "text/plain", "na-me", "x" },
        { "text/plain", "name", "名" },
        { "text/plain", "name", "a\nb" },
        { "text/plain", "name", " a" },
        { "text/plain", "name", new string('x', 9000) },
    };

    [Theory]
    [MemberData(nameof(RefusedFacts))]
    public async Task Content_types_and_metadata_that_no_header_could_carry_are_refused(string contentType, string name, string value)
    {
        var options = new BlobWriteOptions { ContentType = contentType, Metadata = new Dictionary<string, string> { [name] = value } };

        await Assert.ThrowsAsync<StorageAddressException>(() => Store.WriteAsync(At("a"), Bytes("x"), options));

        Assert.Empty(await ListAsync());
    }
}
