#!/bin/sh
set -eu
npm run migrate 2>&1 | tail -10 || exit 1
exec "$@"
