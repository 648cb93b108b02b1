// Tells the blob trigger of files that land in the inbox. Deployed after the app (infra/hooks/postdeploy.sh).
targetScope = 'resourceGroup'

param topicName string
param storageAccountName string

@description('Resource id of the identity that writes dead letters: the topic\'s.')
param identityId string

@description('The app\'s webhook for blob events, with its system key.')
@secure()
param webhookUrl string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' existing = {
  name: storageAccountName
}

resource topic 'Microsoft.EventGrid/systemTopics@2022-06-15' existing = {
  name: topicName
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = {
  parent: topic
  name: 'inbox'
  properties: {
    destination: {
      endpointType: 'WebHook'
      properties: { endpointUrl: webhookUrl, maxEventsPerBatch: 1, preferredBatchSizeInKilobytes: 64 }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      subjectBeginsWith: '/blobServices/default/containers/inbox/'
    }
    eventDeliverySchema: 'EventGridSchema'
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'UserAssigned', userAssignedIdentity: identityId }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: account.id, blobContainerName: 'event-dead-letters' }
      }
    }
  }
}
