#!/usr/bin/env bash
# Deploys the compose project of this folder and stops at a start that fails, with a report beside it.
# Exit status: 0 it serves, 1 it failed, 2 it could not be told, 3 it was not decided in time.
set -euo pipefail
container=${CONTAINER:-ent-twenty-crm}
reports=${REPORTS:-/var/log/diagnose}
timeout=${TIMEOUT:-180s}

# What the files show already costs no downtime.
diagnose preflight .
docker compose up --detach

mkdir -p "$reports"
report=$reports/$container-$(date -u +%Y%m%dT%H%M%SZ)
status=0
diagnose --container "$container" --follow --timeout "$timeout" -o - -o "$report.html" -o "$report.json" || status=$?
if [ "$status" != 0 ]; then
  echo "The start of $container did not succeed (status $status). The report to hand over: $report.html" >&2
fi
exit "$status"
