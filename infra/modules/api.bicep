param location string
param tags object
param suffix string
param identityId string
param identityClientId string
param storageAccountName string
param blobEndpoint string
param cosmosEndpoint string
param databaseName string
param vaultUri string
param insightsName string
param corsOrigins array
param inferenceUrl string
param backupSchedule string
param selfRegistrationRole string

@allowed([512, 2048, 4096])
param instanceMemoryMB int

@minValue(1)
@maxValue(1000)
param maximumInstanceCount int

@minValue(0)
param alwaysReadyHttp int

@description('Subnet for outbound traffic; empty without private networking.')
param subnetId string

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${suffix}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${suffix}'
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      cors: { allowedOrigins: corsOrigins, supportCredentials: false }
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}deployment'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttp == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyHttp }]
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(
      {
        AzureWebJobsStorage__accountName: storageAccountName
        AzureWebJobsStorage__credential: 'managedidentity'
        AzureWebJobsStorage__clientId: identityClientId
        AZURE_CLIENT_ID: identityClientId
        APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
        Storage__Documents: 'cosmos'
        Storage__Blobs: 'azure'
        Storage__BlobServiceUri: blobEndpoint
        // What an instance keeps for itself; the deployed package is read-only.
        Storage__DataFolder: '/tmp/tumorfunctions'
        Cosmos__Endpoint: cosmosEndpoint
        Cosmos__Database: databaseName
        Auth__SigningKey: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/auth-signing-key)'
        Auth__AdminPassword: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/auth-admin-password)'
        Auth__SelfRegistrationRole: selfRegistrationRole
        Auth__AnonymousSegmentation: 'false'
        Backups__Schedule: backupSchedule
      },
      empty(inferenceUrl) ? {} : { Inference__Url: inferenceUrl }
    )
  }
}

resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noDeploymentPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name
output id string = app.id
output url string = 'https://${app.properties.defaultHostName}'
