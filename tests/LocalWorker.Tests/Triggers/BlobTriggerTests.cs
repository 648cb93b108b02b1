using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.LocalWorker.Tests.Durable;
using TumorFunctions.LocalWorker.Triggers.Blob;

namespace TumorFunctions.LocalWorker.Tests.Triggers;

public sealed class BlobTriggerTests
{
    private readonly Blobs _blobs = new();
    private readonly Runs _runs = new();

    [Fact]
    public async Task Every_version_of_a_blob_starts_the_function_once()
    {
        _blobs.Write("inbox", "scans/a b/one.dcm", "1");
        _blobs.Write("inbox", "notes/one.txt", "not meant");
        _blobs.Write("other", "scans/a b/one.dcm", "not meant");
        await using var app = await DurableApp.StartAsync<Functions>(Configure);
        await _runs.ReachAsync(1);
        _blobs.Write("inbox", "scans/two.dcm", "2");
        await _runs.ReachAsync(2);
        await app.RestartAsync();
        _blobs.Write("inbox", "scans/two.dcm", "2, again");
        await _runs.ReachAsync(3);
        _blobs.Delete("inbox", "scans/two.dcm");
        await Scans(3);
        Assert.Equal(["a b/one.dcm: 1", "two.dcm: 2", "two.dcm: 2, again"], _runs.Seen);
    }

    [Fact]
    public async Task A_thousand_blobs_at_once_are_all_seen_once_and_a_few_at_a_time()
    {
        for (var i = 0; i < 1000; i++)
        {
            _blobs.Write("inbox", $"scans/{i}", "x");
        }
        await using var app = await DurableApp.StartAsync<Functions>(b =>
        {
            Configure(b);
            b.Configuration["AzureFunctionsJobHost:extensions:blobs:maxDegreeOfParallelism"] = "5";
        });
        await _runs.ReachAsync(1000);
        await Scans(2);
        Assert.Equal(1000, _runs.Seen.Count);
        Assert.Equal(1000, _runs.Seen.Distinct().Count());
        Assert.InRange(_blobs.MostOpen, 1, 5);
    }

    [Fact]
    public async Task A_blob_that_fails_five_times_is_poison_until_it_is_written_anew()
    {
        _blobs.Write("inbox", "scans/bad", "fail");
        await using var app = await DurableApp.StartAsync<Functions>(Configure);
        await _runs.ReachAsync(5);
        using (CancellationTokenSource patience = new(TimeSpan.FromMinutes(1)))
        {
            while (Poison(app).Count == 0)
            {
                await Task.Delay(5, patience.Token);
            }
        }
        await app.RestartAsync();
        await Scans(3);
        Assert.Equal(5, _runs.Seen.Count);
        var poison = Assert.Single(Poison(app));
        Assert.Equal(("Scan", "inbox", "scans/bad", 5, "cannot read fail"),
            (poison.Function, poison.Container, poison.Name, poison.Attempts, poison.Error));

        _blobs.Write("inbox", "scans/bad", "good");
        await _runs.ReachAsync(6);
        await Scans(2);
        Assert.Equal("bad: good", _runs.Seen.Last());
        Assert.Empty(Poison(app));
    }

    [Fact]
    public async Task A_blob_binds_as_stream_bytes_or_text()
    {
        _blobs.Write("typed", "bytes-7.bin", "äb");
        _blobs.Write("typed", "text-8.txt", "äb");
        await using var app = await DurableApp.StartAsync<TypedFunctions>(Configure);
        await _runs.ReachAsync(2);
        Assert.Equal(["3 bytes of 7", "text äb of 8 (typed/text-8.txt)"], _runs.Seen.Order());
    }

    [Theory]
    [InlineData(typeof(UnboundFunctions), "Parameter 'other' of function 'Unbound'")]
    [InlineData(typeof(WrongTypeFunctions), "Stream, byte[] and string bind to a blob")]
    [InlineData(typeof(WrongPathFunctions), "has a brace that is not part of a {name}")]
    public async Task What_cannot_be_triggered_stops_the_app_by_the_function(Type functions, string reason)
    {
        var builder = TestApp.Builder([], functions).ConfigureFunctionsWebApplication();
        Configure(builder);
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => TestApp.StartAsync(builder));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    private void Configure(FunctionsApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IBlobTriggerSource>(_blobs);
        builder.Services.AddSingleton(_runs);
        builder.Configuration["LocalWorker:BlobScanSeconds"] = "0.01";
        builder.Configuration["LocalWorker:BlobRetrySeconds"] = "0.005";
    }

    private static IReadOnlyList<PoisonBlob> Poison(DurableApp app) => app.App.Services.GetRequiredService<IPoisonBlobs>().List();

    private async Task Scans(int count)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        var until = _blobs.Scans + count;
        while (_blobs.Scans < until)
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public sealed class Runs
    {
        public ConcurrentQueue<string> Seen { get; } = new();

        public async Task ReachAsync(int count)
        {
            using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
            while (Seen.Count < count)
            {
                await Task.Delay(5, patience.Token);
            }
        }
    }

    public sealed class Functions(Runs runs)
    {
        [Function("Scan")]
        public async Task Scan([BlobTrigger("inbox/scans/{name}", Connection = "AzureWebJobsStorage")] Stream blob, string name,
            FunctionContext context, CancellationToken cancellationToken)
        {
            using StreamReader reader = new(blob);
            var text = await reader.ReadToEndAsync(cancellationToken);
            runs.Seen.Enqueue($"{name}: {text}");
            if (text == "fail")
            {
                throw new NotSupportedException($"cannot read {text}");
            }
        }
    }

    public sealed class TypedFunctions(Runs runs)
    {
        [Function("Bytes")]
        public void Bytes([BlobTrigger("typed/bytes-{number}.bin", Source = BlobTriggerSource.EventGrid)] byte[] blob, int number) =>
            runs.Seen.Enqueue($"{blob.Length} bytes of {number}");

        [Function("Text")]
        public void Text([BlobTrigger("typed/text-{number}.txt")] string blob, long number, FunctionContext context) =>
            runs.Seen.Enqueue($"text {blob} of {number} ({context.BindingContext.BindingData["BlobTrigger"]})");
    }

    public sealed class UnboundFunctions
    {
        [Function("Unbound")]
        public void Run([BlobTrigger("inbox/{name}")] Stream blob, string other)
        {
        }
    }

    public sealed class WrongTypeFunctions
    {
        [Function("WrongType")]
        public void Run([BlobTrigger("inbox/{name}")] int blob)
        {
        }
    }

    public sealed class WrongPathFunctions
    {
        [Function("WrongPath")]
        public void Run([BlobTrigger("inbox/{name")] Stream blob)
        {
        }
    }

    private sealed class Blobs : IBlobTriggerSource
    {
        private readonly ConcurrentDictionary<(string Container, string Name), (string Text, string ETag)> _blobs = new();
        private int _versions;
        private int _open;
        private int _scans;

        public int MostOpen { get; private set; }

        public int Scans => Volatile.Read(ref _scans);

        public void Write(string container, string name, string text) =>
            _blobs[(container, name)] = (text, $"v{Interlocked.Increment(ref _versions)}");

        public void Delete(string container, string name) => _blobs.TryRemove((container, name), out _);

        public async IAsyncEnumerable<BlobTriggerVersion> ListAsync(
            string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var (address, blob) in _blobs.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal).ToArray())
            {
                if (address.Container == container && address.Name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    yield return new BlobTriggerVersion(address.Name, blob.ETag);
                }
            }
            Interlocked.Increment(ref _scans);
            await Task.CompletedTask;
        }

        public Task<BlobTriggerContent?> OpenReadAsync(string container, string name, CancellationToken cancellationToken)
        {
            if (!_blobs.TryGetValue((container, name), out var blob))
            {
                return Task.FromResult<BlobTriggerContent?>(null);
            }
            lock (_blobs)
            {
                MostOpen = Math.Max(MostOpen, ++_open);
            }
            return Task.FromResult<BlobTriggerContent?>(
                new BlobTriggerContent(blob.ETag, new Counted(Encoding.UTF8.GetBytes(blob.Text), () =>
                {
                    lock (_blobs)
                    {
                        _open--;
                    }
                })));
        }

        private sealed class Counted(byte[] content, Action closed) : MemoryStream(content)
        {
            private Action? _closed = closed;

            protected override void Dispose(bool disposing)
            {
                Interlocked.Exchange(ref _closed, null)?.Invoke();
                base.Dispose(disposing);
            }
        }
    }
}
