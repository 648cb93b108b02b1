using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Hosting;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Admin;

/// <summary>The registry as administrators see it: models come, serve and go while the app runs.</summary>
public sealed class ModelService(
    ModelRegistry registry, ActiveModel active, IOptions<ModelOptions> options, ILogger<ModelService> logger) : IDisposable
{
    private const int MaxCardBytes = 256 * 1024;
    private const int FormOverheadBytes = 1024 * 1024;
    private static readonly string[] Fields = ["name", "overwrite", "card"];

    // What is active must not change while a model is deleted.
    private readonly SemaphoreSlim _changing = new(1);

    public async Task<ModelListAnswer> ListAsync(CancellationToken cancellationToken)
    {
        var models = await registry.ListAsync(cancellationToken);
        var name = await active.NameAsync(cancellationToken);
        return new ModelListAnswer([.. models.Select(model => ModelEntryAnswer.Of(model, name))], models.Count, name);
    }

    public async Task<ModelUploadAnswer> UploadAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var maxBytes = options.Value.MaxUploadBytes;
        if (request.ContentLength > maxBytes + FormOverheadBytes)
        {
            throw TooLarge();
        }

        using var staged = registry.Stage();
        var fileName = "";
        var form = await UploadForm.ReadAsync(
            request,
            async (name, content) =>
            {
                fileName = name;
                await staged.WriteModelAsync(new LimitedStream(content, maxBytes, TooLarge), cancellationToken);
            },
            MaxCardBytes);
        var fields = RequestFields.FromForm(form, Fields);
        var given = fields.Text("name") ?? fileName;
        if (!ModelName.TryParse(given, out var name))
        {
            throw new ValidationException(
                $"模型名称 {given} 无效", "letters, digits, blanks and . - _ + ( ), at most 100 characters, not beginning with a dot");
        }

        if (fields.Verbatim("card", MaxCardBytes) is { } card)
        {
            await staged.WriteCardAsync(card, cancellationToken);
        }

        var added = await RefusingAsync(() => registry.AddAsync(staged, name, fields.Flag("overwrite") ?? false, cancellationToken));
        await active.RefreshAsync(added.File.Name, cancellationToken);
        logger.ModelUploaded(added.File.Name, added.Length, added.Sha256!, caller.UserId);
        return new ModelUploadAnswer("模型上传成功", ModelEntryAnswer.Of(added, await active.NameAsync(cancellationToken)));

        TooLargeException TooLarge() => new($"模型文件超过 {maxBytes} 字节的上限 (Models__MaxUploadBytes)");
    }

    public async Task<ModelActivationAnswer> ActivateAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var model = await RefusingAsync(() => active.ActivateAsync(name, cancellationToken));
            logger.ModelActivated(model.Name, caller.UserId);
            var answer = AdminService.Describe(model);
            return new ModelActivationAnswer($"模型 {model.Name} 已激活", answer.Version, answer.Performance);
        }
        finally
        {
            _changing.Release();
        }
    }

    public async Task<MessageAnswer> DeleteAsync(string name, Caller caller, CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            return await RefusingAsync(async () =>
            {
                var model = registry.Find(name);
                if (ModelEntryAnswer.IsNamed(model.Name, await active.NameAsync(cancellationToken)))
                {
                    throw new ModelInUseException($"模型 {model.Name} 正在使用，不能删除", "activate another model first");
                }

                await registry.RemoveAsync(model.Name, cancellationToken);
                logger.ModelDeleted(model.Name, caller.UserId);
                return new MessageAnswer("模型删除成功");
            });
        }
        finally
        {
            _changing.Release();
        }
    }

    public void Dispose() => _changing.Dispose();

    // Where an administrator acts on a model, its faults are the caller's to mend.
    private static async Task<T> RefusingAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (ModelException e) when (e.Fault == ModelFault.NotFound)
        {
            throw new NotFoundException(e.Message);
        }
        catch (ModelException e) when (e.Fault is ModelFault.Taken)
        {
            throw new ModelInUseException(e.Message, "send overwrite=true to replace it, or another name");
        }
        catch (ModelException e) when (e.Fault is ModelFault.ReadOnly)
        {
            throw new ModelInUseException(e.Message, "upload it under another name");
        }
        catch (ModelException e)
        {
            throw new UnusableModelException(e.Reason, e);
        }
    }
}
