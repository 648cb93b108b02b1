#!/bin/sh
# Subscribes the app to new files of the inbox. Event Grid asks the webhook for consent, so the app must be up; its key is read here,
# goes to Event Grid as a secure parameter, and is kept nowhere else.
set -eu

webhook_key() {
  az rest --method post --url "https://management.azure.com${API_ID}/host/default/listkeys?api-version=2024-04-01" \
    --query systemKeys.blobs_extension --output tsv
}

# The host makes the key when it first starts with the trigger.
tries=0
until key=$(webhook_key) && [ -n "$key" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 30 ] || { echo "postdeploy: $API_NAME has no key blobs_extension: does the app start?" >&2; exit 1; }
  sleep 10
done

parameters=$(mktemp)
trap 'rm -f "$parameters"' EXIT
cat >"$parameters" <<JSON
{
  "\$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "topicName": { "value": "$EVENT_TOPIC_NAME" },
    "storageAccountName": { "value": "$STORAGE_ACCOUNT_NAME" },
    "identityId": { "value": "$EVENT_IDENTITY_ID" },
    "webhookUrl": { "value": "$API_URL/runtime/webhooks/blobs?functionName=Host.Functions.TakeFromInbox&code=$key" }
  }
}
JSON
az deployment group create --resource-group "$AZURE_RESOURCE_GROUP" --name inbox --template-file infra/inbox.bicep \
  --parameters "@$parameters" --output none
echo "postdeploy: files that land in the inbox now start the app."
