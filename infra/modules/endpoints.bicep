param location string
param tags object
param suffix string
param networkId string
param subnetId string
param storageAccountId string
param cosmosId string
param vaultId string

param hasHostStorage bool

@description('Account of the inference app\'s host; empty where there is none.')
param hostStorageAccountId string

var zones = [
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.queue.${environment().suffixes.storage}'
  'privatelink.table.${environment().suffixes.storage}'
  'privatelink.documents.azure.com'
  'privatelink.vaultcore.azure.net'
]
var services = concat(
  [
    { name: 'blob', target: storageAccountId, group: 'blob', zone: 0 }
    { name: 'queue', target: storageAccountId, group: 'queue', zone: 1 }
    { name: 'table', target: storageAccountId, group: 'table', zone: 2 }
    { name: 'cosmos', target: cosmosId, group: 'Sql', zone: 3 }
    { name: 'vault', target: vaultId, group: 'vault', zone: 4 }
  ],
  !hasHostStorage ? [] : [{ name: 'host-blob', target: hostStorageAccountId, group: 'blob', zone: 0 }]
)

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in zones: {
    name: name
    location: 'global'
    tags: tags
  }
]

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (name, i) in zones: {
    parent: zone[i]
    name: 'network'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = [
  for service in services: {
    name: 'pe-${service.name}-${suffix}'
    location: location
    tags: tags
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        { name: service.name, properties: { privateLinkServiceId: service.target, groupIds: [service.group] } }
      ]
    }
  }
]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [
  for (service, i) in services: {
    parent: endpoint[i]
    name: 'default'
    properties: { privateDnsZoneConfigs: [{ name: 'zone', properties: { privateDnsZoneId: zone[service.zone].id } }] }
  }
]
