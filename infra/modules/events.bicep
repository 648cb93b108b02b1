param location string
param tags object
param suffix string
param storageAccountId string
param identityId string

// Its subscription is inbox.bicep: Event Grid asks the app's webhook for consent, so the app must be deployed first.
resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: 'evgt-${suffix}'
  location: location
  tags: tags
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: { source: storageAccountId, topicType: 'Microsoft.Storage.StorageAccounts' }
}

output topicName string = topic.name
