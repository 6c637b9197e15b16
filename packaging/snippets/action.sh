#!/usr/bin/env bash
# What the action of action.yml does: gets the program, diagnoses a container or files, leaves the report in a folder and in the summary of the job.
# Reads INPUT_CONTAINER or INPUT_FILES (one name a line), INPUT_FOLDER, and INPUT_PROGRAM, or INPUT_RELEASE, the address of a release.
set -euo pipefail
folder=${INPUT_FOLDER:-diagnose-report}
program=${INPUT_PROGRAM:-}
mkdir -p "$folder"

if [ -z "$program" ]; then
  release=${INPUT_RELEASE:?name a program or a release}
  place=$(mktemp -d)
  curl --fail --silent --show-error --location --retry 3 --output "$place/SHA256SUMS" "$release/SHA256SUMS"
  archive=$(sed -n 's/^[0-9a-f]\{64\}  \(diagnose-[0-9][0-9.]*-x86_64-linux\.tar\.gz\)$/\1/p' "$place/SHA256SUMS")
  [ -n "$archive" ] || { echo "the release has no program for x86_64 Linux" >&2; exit 2; }
  curl --fail --silent --show-error --location --retry 3 --output "$place/$archive" "$release/$archive"
  (cd "$place" && grep -F "  $archive" SHA256SUMS | sha256sum --check --quiet)
  tar -C "$place" -xzf "$place/$archive"
  program=$place/${archive%.tar.gz}/diagnose
fi

arguments=()
while IFS= read -r name; do
  if [ -n "$name" ]; then arguments+=(--container "$name"); fi
done <<<"${INPUT_CONTAINER:-}"
while IFS= read -r name; do
  if [ -n "$name" ]; then arguments+=("$name"); fi
done <<<"${INPUT_FILES:-}"
[ "${#arguments[@]}" -gt 0 ] || { echo "name a container or files" >&2; exit 2; }

status=0
"$program" "${arguments[@]}" -o - -o "$folder/incident.html" -o "$folder/incident.md" -o "$folder/incident.json" </dev/null || status=$?
verdict=none
if [ -s "$folder/incident.json" ]; then
  verdict=$(sed -n 's/^ *"verdict": *"\([a-z]*\)".*/\1/p' "$folder/incident.json" | head -n 1)
  cat "$folder/incident.md" >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
fi
printf 'status=%s\nverdict=%s\nfolder=%s\n' "$status" "$verdict" "$folder" >>"${GITHUB_OUTPUT:-/dev/null}"
# The job has failed already, or not: a failure that was found is the answer here, not a fault of this step.
if [ "$status" = 2 ]; then exit 2; fi
