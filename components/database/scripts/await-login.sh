#!/usr/bin/env bash
# Ends once the login in libpq's variables is let in. How long that may take is the deadline of the pod.
set -uo pipefail
complaint=''
until said=$(psql --no-psqlrc --no-password --quiet --output=/dev/null --command='SELECT 1' 2>&1); do
  [ "$said" = "$complaint" ] || echo "not let in yet: $said"
  complaint=$said
  sleep 1
done
echo "let in as $PGUSER"
