#!/bin/sh
# Fails before anything is made where something is missing that would fail later and less clearly.
set -eu

for tool in az openssl; do
  command -v "$tool" >/dev/null || { echo "preprovision: $tool is not installed." >&2; exit 1; }
done
az account show --output none || { echo "preprovision: sign in with 'az login' as well as 'azd auth login'." >&2; exit 1; }

case "${INFERENCE:-none}" in
  none | cpu | gpu) ;;
  *) echo "preprovision: INFERENCE must be none, cpu or gpu, not '$INFERENCE'." >&2; exit 1 ;;
esac

for provider in Microsoft.App Microsoft.EventGrid Microsoft.DocumentDB Microsoft.KeyVault; do
  state=$(az provider show --namespace "$provider" --query registrationState --output tsv)
  [ "$state" = Registered ] || az provider register --namespace "$provider" --wait
done
