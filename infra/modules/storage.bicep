param location string
param tags object
@minLength(5)
param suffix string
param sku string
param publicNetworkAccess bool
param softDeleteDays int
param inboxDays int
param quarantineDays int
param corsOrigins array

@description('Identity of the API: blobs of the product, and what the Functions host and Durable keep beside them.')
param apiPrincipalId string

param hasInference bool

@description('Identity of the inference app, for what its Functions host keeps; empty where there is none.')
param inferencePrincipalId string

@description('Identity of the Event Grid topic, which puts undeliverable events aside.')
param eventsPrincipalId string

var roles = loadJsonContent('../roles.json')
var containers = [
  'backups'
  'deployment'
  'inbox'
  'medical-images'
  'quarantine'
  'radiomics-models'
  'reports'
  'segmentation-results'
  'segmentation-work'
]
// The host of Functions takes leases on blobs, keeps its keys in them, and (for blob triggers) asks for owner.
var apiRoles = [roles.storageBlobDataOwner, roles.storageQueueDataContributor, roles.storageTableDataContributor]

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: 'st${suffix}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      // Event Grid's dead letters come from a trusted service.
      bypass: 'AzureServices'
      defaultAction: publicNetworkAccess ? 'Allow' : 'Deny'
    }
    encryption: {
      requireInfrastructureEncryption: true
      keySource: 'Microsoft.Storage'
      services: {
        blob: { enabled: true, keyType: 'Account' }
        queue: { enabled: true, keyType: 'Account' }
        table: { enabled: true, keyType: 'Account' }
      }
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    // Upload URLs are written to by the front end itself.
    cors: {
      corsRules: empty(corsOrigins)
        ? []
        : [
            {
              allowedOrigins: corsOrigins
              allowedMethods: ['PUT', 'OPTIONS']
              allowedHeaders: ['content-type', 'x-ms-blob-type', 'x-ms-version']
              exposedHeaders: ['etag']
              maxAgeInSeconds: 3600
            }
          ]
    }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = [
  for name in containers: {
    parent: blobs
    name: name
    properties: { publicAccess: 'None' }
  }
]

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'event-dead-letters'
  properties: { publicAccess: 'None' }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2024-01-01' = {
  parent: account
  name: 'default'
  dependsOn: [blobs]
  properties: {
    policy: {
      rules: [
        {
          name: 'inbox'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['inbox/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: inboxDays } } }
          }
        }
        {
          name: 'quarantine'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['quarantine/', 'event-dead-letters/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: quarantineDays } } }
          }
        }
        {
          name: 'segmentation-work'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['segmentation-work/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 14 } } }
          }
        }
        {
          name: 'backups'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/content/'] }
            actions: { baseBlob: { tierToCool: { daysAfterModificationGreaterThan: 30 } } }
          }
        }
      ]
    }
  }
}

resource apiAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in apiRoles: {
    name: guid(account.id, apiPrincipalId, role)
    scope: account
    properties: {
      principalId: apiPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource deadLetterAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(deadLetters.id, eventsPrincipalId, roles.storageBlobDataContributor)
  scope: deadLetters
  properties: {
    principalId: eventsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataContributor)
  }
}

// An account of its own: the GPU app has no business with patients' files.
resource hostAccount 'Microsoft.Storage/storageAccounts@2024-01-01' = if (hasInference) {
  name: 'sti${suffix}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicNetworkAccess ? 'Allow' : 'Deny'
    }
  }
}

resource inferenceAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasInference) {
  name: guid(resourceGroup().id, 'sti${suffix}', inferencePrincipalId, roles.storageBlobDataOwner)
  scope: hostAccount
  properties: {
    principalId: inferencePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.storageBlobDataOwner)
  }
}

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output hostAccountName string = !hasInference ? '' : 'sti${suffix}'
output hostAccountId string = !hasInference ? '' : resourceId('Microsoft.Storage/storageAccounts', 'sti${suffix}')
