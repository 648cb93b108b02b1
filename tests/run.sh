#!/usr/bin/env bash
# Builds everything, runs every test project and closes with one line over all of them: N passed, N failed, N skipped.
set -uo pipefail
cd "$(dirname "$0")/.."

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
dotnet build TumorFunctions.sln --nologo -v minimal || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
dotnet test TumorFunctions.sln --no-build --nologo --logger trx --results-directory "$results" "$@"
status=$?

passed=0 failed=0 skipped=0
count() { grep -ho "<Counters [^>]*>" "$1" | grep -o " $2=\"[0-9]*\"" | grep -o '[0-9]*'; }
for file in "$results"/*.trx; do
    [ -e "$file" ] || continue
    total=$(count "$file" total)
    executed=$(count "$file" executed)
    passed=$((passed + $(count "$file" passed)))
    failed=$((failed + $(count "$file" failed)))
    skipped=$((skipped + total - executed))
done
# A run that broke off (a crashed test host) fails without a failed test.
if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
