using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Preop;

/// <summary>409: the image has no mask yet, or an empty one.</summary>
public sealed class MissingMaskException(string error, string detail)
    : ApiException(StatusCodes.Status409Conflict, "MASK_MISSING", error, detail);
