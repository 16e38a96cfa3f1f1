#!/usr/bin/env bash
# Closes every login but the one in libpq's variables. Sessions of the others have DRAIN_SECONDS to end by themselves:
# a stopping pod still answers its last requests with them.
set -euo pipefail
ask() { psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname=postgres "$@"; }

# A pod's first packets may come before the cluster's network is ready for it; a restart of the server takes seconds.
until ask --command='SELECT 1' --output=/dev/null; do
  ((SECONDS < 60)) || exit 1
  sleep 1
done
for ((second = 0; second < DRAIN_SECONDS; second++)); do
  sessions=$(ask --command="SELECT count(*) FROM pg_stat_activity
    WHERE usename IN (SELECT name FROM slipway.login WHERE name <> session_user)")
  [ "$sessions" -gt 0 ] || break
  sleep 1
done
[ "$sessions" -eq 0 ] || echo "ending $sessions sessions that are still open"
ask --command='SELECT slipway.close_other_logins()'
closed=$(ask --command='SELECT slipway.drop_closed_logins()')
echo "closed: ${closed:-none was open}"
