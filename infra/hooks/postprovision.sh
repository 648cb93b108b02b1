#!/bin/sh
# Puts random secrets into the vault where there are none. They pass through no template, no output and no file.
set -eu

has() {
  found=$(az keyvault secret list --vault-name "$VAULT_NAME" --query "[?name=='$1'].name" --output tsv) || {
    echo "postprovision: the vault $VAULT_NAME cannot be read from here. With private networking, run 'azd provision' where the network reaches." >&2
    exit 1
  }
  [ -n "$found" ]
}

# A role takes a while until it holds.
tries=0
until az keyvault secret list --vault-name "$VAULT_NAME" --output none 2>/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt 12 ] || break
  sleep 10
done

changed=
for name in auth-signing-key auth-admin-password; do
  if ! has "$name"; then
    file=$(mktemp)
    trap 'rm -f "$file"' EXIT
    # No newline at the end, which would be part of the secret.
    openssl rand -base64 48 | tr -d '\n' >"$file"
    az keyvault secret set --vault-name "$VAULT_NAME" --name "$name" --file "$file" --encoding utf-8 --output none
    rm -f "$file"
    changed=1
    echo "postprovision: made the secret $name."
  fi
done

# References are looked up once a day otherwise.
if [ -n "$changed" ]; then
  az rest --method post --output none \
    --url "https://management.azure.com${API_ID}/config/configreferences/appsettings/refresh?api-version=2022-03-01"
fi
