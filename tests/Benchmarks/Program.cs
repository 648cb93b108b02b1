using BenchmarkDotNet.Running;
using TumorFunctions.Benchmarks.Api;

BenchmarkSwitcher.FromAssembly(typeof(AnalyseRequest).Assembly).Run(args);
