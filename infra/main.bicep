targetScope = 'resourceGroup'

@description('Name of the azd environment; goes into tags and, hashed, into names.')
@minLength(1)
@maxLength(64)
param environmentName string

param location string = resourceGroup().location

@description('Region of the container apps where GPUs are not to be had in that of the rest. Not with private networking.')
param inferenceLocation string = location

@description('Origins of front ends that may call the API, such as https://studio.example.org.')
param corsOrigins array = []

@description('Object id of who deploys, to write the first secrets into the vault.')
param deployerPrincipalId string = ''

@allowed(['User', 'ServicePrincipal'])
param deployerPrincipalType string = 'User'

@description('Where the model runs: none (inside the API), cpu or gpu (an app of its own).')
@allowed(['none', 'cpu', 'gpu'])
param inference string = 'none'

@allowed(['Consumption-GPU-NC8as-T4', 'Consumption-GPU-NC24-A100'])
param gpuProfile string = 'Consumption-GPU-NC8as-T4'

@description('Image of the inference app. Until the first deployment, the host without functions.')
param inferenceImage string = 'mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0'

@minValue(0)
param inferenceMinReplicas int = 0

@minValue(1)
param inferenceMaxReplicas int = 4

@allowed([512, 2048, 4096])
param apiMemoryMB int = 4096

@minValue(1)
@maxValue(1000)
param apiMaxInstances int = 40

@description('Instances that wait for requests; 0 lets the API go to sleep.')
@minValue(0)
param apiAlwaysReady int = 0

@allowed(['serverless', 'autoscale'])
param cosmosThroughput string = 'serverless'

@description('Request units a second that the database may reach on autoscale.')
@minValue(1000)
param cosmosMaxThroughput int = 4000

param databaseName string = 'tumorfunctions'

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

param zoneRedundantCosmos bool = false

@description('Private endpoints for storage, documents and secrets, and no public way to them.')
param privateNetworking bool = false

param networkPrefix string = '10.40.0.0/20'

@description('Who is told of alerts.')
param alertEmail string = ''

@minValue(5)
param jobAlertMinutes int = 30

@minValue(10)
param coldStartAlertSeconds int = 120

@allowed(['doctor', 'technician', 'patient'])
param selfRegistrationRole string = 'patient'

@description('When backups start (NCRONTAB with seconds); 0 0 0 1 1 * stands for never.')
param backupSchedule string = '0 0 0 1 1 *'

@minValue(7)
@maxValue(365)
param softDeleteDays int = 30

@description('Days after which files that nobody took leave the inbox.')
@minValue(7)
param inboxDays int = 30

@description('Days after which quarantined files and undeliverable events go.')
@minValue(7)
param quarantineDays int = 90

@minValue(30)
@maxValue(730)
param logDays int = 30

@description('GB of logs a day at most; -1 for no bound.')
param logQuotaGb int = 5

var suffix = take(uniqueString(resourceGroup().id, environmentName), 13)
var tags = { 'azd-env-name': environmentName }
var hasInference = inference != 'none'

resource apiIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-api-${suffix}'
  location: location
  tags: tags
}

resource eventsIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'id-events-${suffix}'
  location: location
  tags: tags
}

resource inferenceIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = if (hasInference) {
  name: 'id-inference-${suffix}'
  location: location
  tags: tags
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    location: location
    tags: tags
    suffix: suffix
    retentionDays: logDays
    dailyQuotaGb: logQuotaGb
    publishers: concat([apiIdentity.properties.principalId], hasInference ? [inferenceIdentity!.properties.principalId] : [])
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    location: location
    tags: tags
    suffix: suffix
    sku: storageSku
    publicNetworkAccess: !privateNetworking
    softDeleteDays: softDeleteDays
    inboxDays: inboxDays
    quarantineDays: quarantineDays
    corsOrigins: corsOrigins
    apiPrincipalId: apiIdentity.properties.principalId
    inferencePrincipalId: hasInference ? inferenceIdentity!.properties.principalId : ''
    hasInference: hasInference
    eventsPrincipalId: eventsIdentity.properties.principalId
  }
}

module cosmos 'modules/cosmos.bicep' = {
  params: {
    location: location
    tags: tags
    suffix: suffix
    databaseName: databaseName
    publicNetworkAccess: !privateNetworking
    throughput: cosmosThroughput
    autoscaleMaxThroughput: cosmosMaxThroughput
    zoneRedundant: zoneRedundantCosmos
    apiPrincipalId: apiIdentity.properties.principalId
  }
}

module vault 'modules/vault.bicep' = {
  params: {
    location: location
    tags: tags
    suffix: suffix
    publicNetworkAccess: !privateNetworking
    apiPrincipalId: apiIdentity.properties.principalId
    deployerPrincipalId: deployerPrincipalId
    deployerPrincipalType: deployerPrincipalType
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  params: { location: location, tags: tags, suffix: suffix, addressPrefix: networkPrefix }
}

module endpoints 'modules/endpoints.bicep' = if (privateNetworking) {
  params: {
    location: location
    tags: tags
    suffix: suffix
    networkId: network!.outputs.networkId
    subnetId: network!.outputs.endpointsSubnetId
    storageAccountId: storage.outputs.id
    hasHostStorage: hasInference
    hostStorageAccountId: storage.outputs.hostAccountId
    cosmosId: cosmos.outputs.id
    vaultId: vault.outputs.id
  }
}

module registry 'modules/registry.bicep' = if (hasInference) {
  params: { location: location, tags: tags, suffix: suffix, pullPrincipalId: inferenceIdentity!.properties.principalId }
}

module inferenceApp 'modules/inference.bicep' = if (hasInference) {
  params: {
    location: inferenceLocation
    tags: tags
    suffix: suffix
    workspaceId: monitoring.outputs.workspaceId
    insightsName: monitoring.outputs.insightsName
    identityId: inferenceIdentity.id
    identityClientId: inferenceIdentity!.properties.clientId
    registryServer: registry!.outputs.loginServer
    hostStorageAccountName: storage.outputs.hostAccountName
    image: inferenceImage
    gpu: inference == 'gpu'
    gpuProfile: gpuProfile
    minReplicas: inferenceMinReplicas
    maxReplicas: inferenceMaxReplicas
    subnetId: privateNetworking ? network!.outputs.inferenceSubnetId : ''
  }
}

module environmentDns 'modules/environmentDns.bicep' = if (hasInference && privateNetworking) {
  params: {
    domain: inferenceApp!.outputs.environmentDomain
    address: inferenceApp!.outputs.environmentAddress
    networkId: network!.outputs.networkId
    tags: tags
  }
}

module api 'modules/api.bicep' = {
  // Roles and names before the app that cannot start without them.
  dependsOn: [endpoints]
  params: {
    location: location
    tags: tags
    suffix: suffix
    identityId: apiIdentity.id
    identityClientId: apiIdentity.properties.clientId
    storageAccountName: storage.outputs.name
    blobEndpoint: storage.outputs.blobEndpoint
    cosmosEndpoint: cosmos.outputs.endpoint
    databaseName: databaseName
    vaultUri: vault.outputs.uri
    insightsName: monitoring.outputs.insightsName
    corsOrigins: corsOrigins
    inferenceUrl: hasInference ? inferenceApp!.outputs.url : ''
    backupSchedule: backupSchedule
    selfRegistrationRole: selfRegistrationRole
    instanceMemoryMB: apiMemoryMB
    maximumInstanceCount: apiMaxInstances
    alwaysReadyHttp: apiAlwaysReady
    subnetId: privateNetworking ? network!.outputs.apiSubnetId : ''
  }
}

module events 'modules/events.bicep' = {
  params: { location: location, tags: tags, suffix: suffix, storageAccountId: storage.outputs.id, identityId: eventsIdentity.id }
}

module alerts 'modules/alerts.bicep' = {
  params: {
    location: location
    tags: tags
    suffix: suffix
    workspaceId: monitoring.outputs.workspaceId
    cosmosId: cosmos.outputs.id
    apiName: api.outputs.name
    inferenceName: hasInference ? inferenceApp!.outputs.name : ''
    hasInference: hasInference
    email: alertEmail
    jobMinutes: jobAlertMinutes
    coldStartSeconds: coldStartAlertSeconds
  }
}

output API_NAME string = api.outputs.name
output API_ID string = api.outputs.id
output API_URL string = api.outputs.url
output VAULT_NAME string = vault.outputs.name
output STORAGE_ACCOUNT_NAME string = storage.outputs.name
output EVENT_TOPIC_NAME string = events.outputs.topicName
output EVENT_IDENTITY_ID string = eventsIdentity.id
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = hasInference ? registry!.outputs.loginServer : ''
