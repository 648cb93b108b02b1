param location string
param tags object
param suffix string
param retentionDays int
param dailyQuotaGb int

@description('Identities that send telemetry.')
param publishers array

var roles = loadJsonContent('../roles.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${suffix}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    workspaceCapping: { dailyQuotaGb: dailyQuotaGb }
    features: { disableLocalAuth: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    // The connection string then only says where telemetry goes; who may send it is a role.
    DisableLocalAuth: true
  }
}

resource publishing 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for publisher in publishers: {
    name: guid(insights.id, publisher, roles.monitoringMetricsPublisher)
    scope: insights
    properties: {
      principalId: publisher
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.monitoringMetricsPublisher)
    }
  }
]

output workspaceId string = workspace.id
output insightsId string = insights.id
output insightsName string = insights.name
