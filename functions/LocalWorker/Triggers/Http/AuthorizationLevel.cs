namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which key the Azure host asks of a caller. The local worker asks none.</summary>
public enum AuthorizationLevel
{
    Anonymous = 0,
    User = 1,
    Function = 2,
    System = 3,
    Admin = 4,
}
