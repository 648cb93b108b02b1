param location string
param tags object
param suffix string

@description('Address space of the network, /20 or wider.')
param addressPrefix string

var apps = [{ name: 'apps', properties: { serviceName: 'Microsoft.App/environments' } }]

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${suffix}'
  location: location
  tags: tags
  properties: { addressSpace: { addressPrefixes: [addressPrefix] } }

  resource api 'subnets' = {
    name: 'api'
    properties: { addressPrefix: cidrSubnet(addressPrefix, 24, 0), delegations: apps }
  }

  resource inference 'subnets' = {
    name: 'inference'
    dependsOn: [api]
    properties: { addressPrefix: cidrSubnet(addressPrefix, 24, 1), delegations: apps }
  }

  resource endpoints 'subnets' = {
    name: 'endpoints'
    dependsOn: [inference]
    properties: { addressPrefix: cidrSubnet(addressPrefix, 24, 2), privateEndpointNetworkPolicies: 'Disabled' }
  }
}

output networkId string = network.id
output apiSubnetId string = network::api.id
output inferenceSubnetId string = network::inference.id
output endpointsSubnetId string = network::endpoints.id
