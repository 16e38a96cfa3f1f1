#!/usr/bin/env bash
# restore.sh             lists the backups on the volume in BACKUPS: name, bytes, tables; the newest last.
# restore.sh NAME        brings one back into the database TARGET, which exists and is empty, and checks what came of it.
set -Eeuo pipefail
shopt -s nullglob
scripts=${0%/*}
cd "$BACKUPS"
if [ $# -eq 0 ]; then
  for name in 20* damaged-*; do
    echo "$name $(stat --format=%s "$name/data.dump" 2>/dev/null || echo 0) $(grep -vc '^(' "$name/tables" || true)"
  done
  exit
fi
cd "$1"
sha256sum --check --quiet SHA256SUMS
# A pod's first packets may come before the cluster's network is ready for it.
until psql --no-psqlrc --no-password --quiet --output=/dev/null --dbname="$TARGET" --command='SELECT 1'; do
  ((SECONDS < 60)) || exit 1
  sleep 1
done
pg_restore --exit-on-error --no-owner --no-privileges --single-transaction --dbname="$TARGET" data.dump
psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
  --dbname="$TARGET" --file="$scripts/tables.sql" --output=/tmp/restored
diff tables /tmp/restored || { echo "what was restored (>) is not what was backed up (<)" >&2; exit 1; }
echo "restored: $(wc -l <tables) lines of tables checked"
