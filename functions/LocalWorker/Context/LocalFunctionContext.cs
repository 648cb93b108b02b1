using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace TumorFunctions.LocalWorker.Context;

/// <summary>One invocation: an id, a service scope and what the trigger told.</summary>
internal sealed class LocalFunctionContext : FunctionContext, IAsyncDisposable
{
    private readonly AsyncServiceScope _scope;

    public LocalFunctionContext(IServiceScopeFactory scopes, FunctionDefinition definition,
        IReadOnlyDictionary<string, object?> bindingData, CancellationToken cancellationToken)
    {
        _scope = scopes.CreateAsyncScope();
        InstanceServices = _scope.ServiceProvider;
        FunctionDefinition = definition;
        BindingContext = new LocalBindingContext(bindingData);
        CancellationToken = cancellationToken;
        Features.Set(new InvocationOutcome());
    }

    public override string InvocationId { get; } = Guid.NewGuid().ToString();

    public override string FunctionId => FunctionDefinition.Id;

    public override TraceContext TraceContext { get; } = new ActivityTraceContext(Activity.Current);

    public override BindingContext BindingContext { get; }

    public override RetryContext RetryContext { get; } = new OnlyAttempt();

    public override IServiceProvider InstanceServices { get; set; }

    public override FunctionDefinition FunctionDefinition { get; }

    public override IDictionary<object, object> Items { get; set; } = new Dictionary<object, object>();

    public override IInvocationFeatures Features { get; } = new InvocationFeatures();

    public override CancellationToken CancellationToken { get; }

    public ValueTask DisposeAsync() => _scope.DisposeAsync();

    private sealed class LocalBindingContext(IReadOnlyDictionary<string, object?> data) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => data;
    }

    private sealed class ActivityTraceContext(Activity? activity) : TraceContext
    {
        public override string TraceParent { get; } = activity?.Id ?? "";

        public override string TraceState { get; } = activity?.TraceStateString ?? "";
    }

    private sealed class OnlyAttempt : RetryContext
    {
        public override int RetryCount => 0;

        public override int MaxRetryCount => 0;
    }
}
