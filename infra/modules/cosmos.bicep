param location string
param tags object
param suffix string
param databaseName string
param publicNetworkAccess bool

@description('serverless, or autoscale with the database\'s request units a second shared by its containers.')
@allowed(['serverless', 'autoscale'])
param throughput string

@minValue(1000)
param autoscaleMaxThroughput int

param apiPrincipalId string
param zoneRedundant bool

// The containers as the code declares them; a test compares the two.
var containers = loadJsonContent('../containers.json')
// Cosmos DB Built-in Data Contributor.
var dataContributor = '00000000-0000-0000-0000-000000000002'

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: 'cosmos-${suffix}'
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    capabilities: throughput == 'serverless' ? [{ name: 'EnableServerless' }] : []
    // An instance must see what another wrote last, such as a revoked token; reads cost twice for it.
    consistencyPolicy: { defaultConsistencyLevel: 'Strong' }
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: zoneRedundant }]
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous30Days' } }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: { id: databaseName }
    options: throughput == 'serverless' ? {} : { autoscaleSettings: { maxThroughput: autoscaleMaxThroughput } }
  }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [
  for item in containers: {
    parent: database
    name: item.name
    properties: {
      resource: {
        id: item.name
        partitionKey: { kind: 'Hash', version: 2, paths: ['/partition_key'] }
        indexingPolicy: {
          automatic: true
          indexingMode: 'consistent'
          includedPaths: [for property in item.indexed: { path: '/body/${property}/?' }]
          excludedPaths: [{ path: '/*' }]
        }
      }
    }
  }
]

resource dataAccess 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(account.id, apiPrincipalId, dataContributor)
  properties: {
    principalId: apiPrincipalId
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database.name}'
  }
}

output id string = account.id
output endpoint string = account.properties.documentEndpoint
