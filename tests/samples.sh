#!/usr/bin/env bash
# Runs the cURL, Python and JavaScript samples of docs/api-reference.md, as they stand there, against a running API on
# http://127.0.0.1:8000. Needs curl and jq, python3 with requests, node 20 or newer.
#   tests/samples.sh [SLICE.png]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
slice=$(realpath "${1:-$root/docs/samples/patient_scan.png}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$slice" "$work/patient_scan.png"
cd "$work"

# The first block of a language after the heading "使用示例".
block() {
    awk -v fence="\`\`\`$1" '/^## 使用示例/ { found = 1 } found && $0 == fence { inside = 1; next } inside && /^```/ { exit } inside' \
        "$root/docs/api-reference.md"
}

check() {
    if grep -q '"error"' "$1" || ! grep -q "$2" "$1"; then
        echo "FAILED: $1"
        cat "$1"
        exit 1
    fi
    echo "ok: $1"
}

{ echo 'set -euo pipefail'; block bash; } >sample.sh
bash sample.sh >curl.out 2>curl.err || { cat curl.out curl.err; exit 1; }
check curl.out '"modelAccuracy"'

block python >sample.py
PYTHONIOENCODING=utf-8 python3 sample.py >python.out
check python.out 'tumor_detected'

# What a browser's file field would hand over.
{
    echo "import { readFileSync } from 'node:fs';"
    echo "const imageFile = new File([readFileSync('patient_scan.png')], 'patient_scan.png', { type: 'image/png' });"
    block javascript
} >sample.mjs
node sample.mjs >node.out
check node.out 'tumor_detected'
cat curl.out python.out node.out | cut -c1-400
