using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace TumorFunctions.Benchmarks.Api;

/// <summary>The API as a process of its own, with an administrator's client.</summary>
internal sealed class LocalApi : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tumor-bench-");
    private readonly Process _process;

    /// <param name="prepare">What to put into the data folder before the start.</param>
    public LocalApi(Action<string>? prepare = null)
    {
        prepare?.Invoke(_folder.FullName);
        using (var listener = new TcpListener(System.Net.IPAddress.Loopback, 0))
        {
            listener.Start();
            Client = new HttpClient { BaseAddress = new Uri($"http://{listener.LocalEndpoint}") };
        }

        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _folder.FullName,
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "TumorFunctions.Api.dll"), "--urls", Client.BaseAddress.ToString() },
        };
        start.Environment["Storage__DataFolder"] = _folder.FullName;
        _process = Process.Start(start)!;
        _process.BeginOutputReadLine();
        LogIn();
    }

    public HttpClient Client { get; }

    public int Upload(byte[] file, string name)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(file), "file", name } };
        using var answer = Client.PostAsync(new Uri("/api/medical/upload", UriKind.Relative), form).GetAwaiter().GetResult();
        return Read(answer).GetProperty("image_id").GetInt32();
    }

    public Task<byte[]> GetAsync(string path) => Client.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    public async Task<long> AnalyseAsync(int imageId, double confidence)
    {
        using var answer = await Client.PostAsJsonAsync($"/api/results/analyze/{imageId}", new { conf = confidence });
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync()).LongLength;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        Client.Dispose();
        _folder.Delete(recursive: true);
    }

    private void LogIn()
    {
        while (!_process.HasExited)
        {
            try
            {
                using var answer = Client.PostAsJsonAsync("/api/auth/login", new { username = "admin", password = "admin123" })
                    .GetAwaiter().GetResult();
                Client.DefaultRequestHeaders.Authorization =
                    new AuthenticationHeaderValue("Bearer", Read(answer).GetProperty("access_token").GetString());
                return;
            }
            catch (HttpRequestException)
            {
                Thread.Sleep(50);
            }
        }

        throw new InvalidOperationException("The API stopped at start.");
    }

    private static JsonElement Read(HttpResponseMessage answer) =>
        answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>().GetAwaiter().GetResult();
}
