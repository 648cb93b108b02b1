param location string
param tags object
param suffix string
param workspaceId string
param cosmosId string
param apiName string

param hasInference bool

@description('Name of the inference app; empty where there is none.')
param inferenceName string

@description('Who is told; empty: alerts are only shown.')
param email string

param jobMinutes int
param coldStartSeconds int

// The phrases are those of functions/Api/Logs.cs; a test compares the two.
var common = [
  {
    name: 'failures'
    severity: 1
    description: 'Requests or other invocations of the API failed: answers of 500 and above, or triggers that threw.'
    query: 'AppRequests | where AppRoleName == "${apiName}" | where toint(ResultCode) >= 500 or (Success == false and (isempty(ResultCode) or ResultCode == "0"))'
    window: 'PT15M'
    frequency: 'PT5M'
    threshold: 5
  }
  {
    name: 'poison-blobs'
    severity: 2
    description: 'Files of the inbox were put into quarantine, or the host gave a blob up.'
    query: 'AppTraces | where AppRoleName == "${apiName}" | where Message has "put aside" or Message has "webjobs-blobtrigger-poison"'
    window: 'PT1H'
    frequency: 'PT15M'
    threshold: 0
  }
  {
    name: 'job-age'
    severity: 2
    description: 'Segmentation jobs were started more than ${jobMinutes} minutes ago and have not ended.'
    query: 'AppTraces | where AppRoleName == "${apiName}" and Message startswith "Job " | parse Message with "Job " JobId ": " What | summarize Started = minif(TimeGenerated, What startswith "started over"), Ends = countif(What has "images analysed" or What startswith "cancelled by" or What startswith "its orchestration ended without it") by JobId | where isnotnull(Started) and Ends == 0 and Started < ago(${jobMinutes}m)'
    window: 'P1D'
    frequency: 'PT15M'
    threshold: 0
  }
]
var coldStart = [
  {
    name: 'gpu-cold-start'
    severity: 3
    description: 'A replica of the inference app took more than ${coldStartSeconds} s to start its host.'
    query: 'AppTraces | where AppRoleName == "${inferenceName}" and Message startswith "Host started (" | extend Milliseconds = toint(extract("Host started [(]([0-9]+)ms", 1, Message)) | where Milliseconds > ${coldStartSeconds * 1000}'
    window: 'PT1H'
    frequency: 'PT15M'
    threshold: 0
  }
]
var rules = concat(common, hasInference ? coldStart : [])

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'ag-${suffix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'tumorfn'
    enabled: true
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

var told = empty(email) ? [] : [resourceId('Microsoft.Insights/actionGroups', 'ag-${suffix}')]

resource logAlert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: 'alert-${rule.name}-${suffix}'
    location: location
    tags: tags
    dependsOn: [people]
    properties: {
      displayName: rule.name
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      // The tables come with the first telemetry.
      skipQueryValidation: true
      criteria: {
        allOf: [
          { query: rule.query, timeAggregation: 'Count', operator: 'GreaterThan', threshold: rule.threshold }
        ]
      }
      actions: { actionGroups: told }
    }
  }
]

resource throttling 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-ru-throttling-${suffix}'
  location: 'global'
  tags: tags
  dependsOn: [people]
  properties: {
    description: 'Cosmos DB refused requests for want of request units. The client retries 9 times; then callers get 503.'
    severity: 2
    enabled: true
    scopes: [cosmosId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'throttled'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'TotalRequests'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 100
          dimensions: [{ name: 'StatusCode', operator: 'Include', values: ['429'] }]
        }
      ]
    }
    actions: [for group in told: { actionGroupId: group }]
  }
}
