// Names of the apps of an environment that only its network reaches.
param domain string
param address string
param networkId string
param tags object

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: domain
  location: 'global'
  tags: tags

  resource all 'A' = {
    name: '*'
    properties: { ttl: 3600, aRecords: [{ ipv4Address: address }] }
  }

  resource link 'virtualNetworkLinks' = {
    name: 'network'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
}
