using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'tumorfunctions')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param deployerPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param deployerPrincipalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')

// Comma-separated.
param corsOrigins = filter(split(readEnvironmentVariable('CORS_ORIGINS', ''), ','), origin => !empty(origin))

param inference = readEnvironmentVariable('INFERENCE', 'none')
// azd names the image that it deployed last, so that provisioning again keeps it.
param inferenceImage = readEnvironmentVariable(
  'SERVICE_INFERENCE_IMAGE_NAME',
  'mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0'
)
param cosmosThroughput = readEnvironmentVariable('COSMOS_THROUGHPUT', 'serverless')
param privateNetworking = bool(readEnvironmentVariable('PRIVATE_NETWORKING', 'false'))
param alertEmail = readEnvironmentVariable('ALERT_EMAIL', '')
