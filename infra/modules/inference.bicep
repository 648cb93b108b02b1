param location string
param tags object
param suffix string
param workspaceId string
param insightsName string
param identityId string
param identityClientId string
param registryServer string
param hostStorageAccountName string

@description('Image of the app; azd deploys later ones.')
param image string

@description('Runs on a GPU; else on CPUs.')
param gpu bool

@allowed(['Consumption-GPU-NC8as-T4', 'Consumption-GPU-NC24-A100'])
param gpuProfile string

@minValue(0)
param minReplicas int

@minValue(1)
param maxReplicas int

@description('Subnet of the environment; empty without private networking. With it the app is reached from the network alone.')
param subnetId string

var gpuSize = gpuProfile == 'Consumption-GPU-NC24-A100' ? { cpu: '24', memory: '220Gi' } : { cpu: '8', memory: '56Gi' }
var size = gpu ? gpuSize : { cpu: '4', memory: '8Gi' }
var profile = gpu ? gpuProfile : 'Consumption'

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: 'cae-${suffix}'
  location: location
  tags: tags
  properties: {
    // Logs go by a diagnostic setting, which needs no key of the workspace.
    appLogsConfiguration: { destination: 'azure-monitor' }
    vnetConfiguration: empty(subnetId) ? null : { infrastructureSubnetId: subnetId, internal: true }
    workloadProfiles: concat(
      [{ name: 'Consumption', workloadProfileType: 'Consumption' }],
      gpu ? [{ name: gpuProfile, workloadProfileType: gpuProfile }] : []
    )
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: environment
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: 'inference-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'inference' })
  kind: 'functionapp'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    environmentId: environment.id
    workloadProfileName: profile
    configuration: {
      activeRevisionsMode: 'Single'
      // Where the environment is internal, external means the virtual network.
      ingress: { external: true, targetPort: 8080, transport: 'auto', allowInsecure: false }
      registries: [{ server: registryServer, identity: identityId }]
    }
    template: {
      containers: [
        {
          name: 'inference'
          image: image
          resources: { cpu: json(size.cpu), memory: size.memory }
          env: [
            { name: 'AzureWebJobsStorage__accountName', value: hostStorageAccountName }
            { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
            { name: 'AzureWebJobsStorage__clientId', value: identityClientId }
            { name: 'AZURE_CLIENT_ID', value: identityClientId }
            { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insights.properties.ConnectionString }
            { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'ClientId=${identityClientId};Authorization=AAD' }
          ]
          // Up to 10 minutes for the image's first start: CUDA, then the model.
          probes: [
            { type: 'Startup', httpGet: { path: '/health', port: 8080 }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 60 }
            { type: 'Readiness', httpGet: { path: '/health', port: 8080 }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }
            { type: 'Liveness', tcpSocket: { port: 8080 }, periodSeconds: 30, failureThreshold: 5 }
          ]
        }
      ]
      // The platform makes the scale rules of a functionapp from its triggers.
      scale: { minReplicas: minReplicas, maxReplicas: maxReplicas }
    }
  }
}

output name string = app.name
output url string = 'https://${app.properties.configuration.ingress.fqdn}'
output environmentDomain string = environment.properties.defaultDomain
output environmentAddress string = environment.properties.staticIp
