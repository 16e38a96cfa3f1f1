#!/usr/bin/env bash
# Makes one backup of the database in libpq's variables on the volume in BACKUPS, and keeps the newest KEEP.
#
# It is a backup once it was brought back: the dump is restored into a server of this container's own, and has to have
# the tables, rows, contents, columns and indexes that the database had at the moment of the dump. Until then it lies in
# `.unfinished`, and none of the earlier ones is touched. Fails, so that it shows, also where an earlier one is damaged.
set -euo pipefail
shopt -s nullglob
scripts=${0%/*}
cd "$BACKUPS"
work=$BACKUPS/.unfinished
damaged_found=42

leave() {
  local status=$?
  pg_ctl --pgdata="$work/scratch" --mode=immediate --silent stop 2>/dev/null || :
  rm -rf "$work"
  case $status in
    0 | "$damaged_found") ;;
    *) echo "the backup failed; the earlier ones are as they were: $(cd "$BACKUPS" && printf '%s ' 20*)" >&2 ;;
  esac
}
trap leave EXIT

query() { psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }

# Room comes back first: an interrupted run may have left its half-made one.
rm -rf "$work"
mkdir "$work"
cd "$work"
until encoding=$(query --command='SHOW server_encoding'); do
  # A pod's first packets may come before the cluster's network is ready for it; a restart of the server takes seconds.
  ((SECONDS < 60)) || exit 1
  sleep 1
done
query --file="$scripts/backup.sql"
[ -e dumped ] || exit 1
rm dumped

# No network and no durability: it is read once.
initdb --pgdata=scratch --username=postgres --auth=trust --encoding="$encoding" --no-sync >/dev/null
pg_ctl --pgdata=scratch --silent --wait --log=/tmp/scratch.log start --options="-c listen_addresses= \
  -c unix_socket_directories=/tmp -c dynamic_shared_memory_type=mmap -c fsync=off -c full_page_writes=off \
  -c autovacuum=off -c shared_buffers=32MB -c max_connections=10 -c max_wal_size=128MB"
export scratch="host=/tmp user=postgres dbname=restored"
createdb --host=/tmp --username=postgres --template=template0 --encoding="$encoding" restored
pg_restore --exit-on-error --no-owner --no-privileges --dbname="$scratch" data.dump
query --dbname="$scratch" --file="$scripts/tables.sql" --output=restored
diff tables restored || { echo "what was restored (>) is not what was dumped (<)" >&2; exit 1; }
pg_ctl --pgdata=scratch --mode=immediate --silent stop
rm -rf scratch restored

sha256sum data.dump tables >SHA256SUMS
sync data.dump tables SHA256SUMS
cd "$BACKUPS"
name=$(date -u +%Y-%m-%dT%H-%M-%SZ)
mv --no-target-directory "$work" "$name"
sync .
echo "backup $name: $(wc -l <"$name/tables") lines of tables checked, $(stat --format=%s "$name/data.dump") bytes"

damaged=()
for earlier in 20*; do
  (cd "$earlier" && sha256sum --check --status SHA256SUMS) || damaged+=("$earlier")
done
# Out of the count: a damaged one must not push an intact one out.
for one in "${damaged[@]}"; do mv "$one" "damaged-$one"; done
kept=(20*)
while ((${#kept[@]} > KEEP)); do
  # Under another name first: half a backup must not look like one.
  mv --no-target-directory "${kept[0]}" "$work"
  rm -rf "$work"
  kept=("${kept[@]:1}")
done
for old in damaged-*; do [[ "${old#damaged-}" > "${kept[0]}" ]] || rm -rf "$old"; done
if ((${#damaged[@]} > 0)); then
  echo "backup $name is good, but earlier ones are damaged and were set aside as damaged-…: ${damaged[*]}" >&2
  # Not to be tried again: that would hide it, now that the damaged ones are out of the way.
  exit "$damaged_found"
fi
