#!/usr/bin/env bash
# What the official image promises about POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD (each also as NAME_FILE), PGDATA and /docker-entrypoint-initdb.d: read once, when PGDATA is empty.
set -Eeo pipefail

# The value of $1, or the content of the file that $1_FILE names, or $2.
from_environment() {
  local value="${!1:-}" file_variable="$1_FILE"
  local file="${!file_variable:-}"
  if [ -n "$value" ] && [ -n "$file" ]; then
    echo >&2 "error: both $1 and $file_variable are set, but they exclude each other"
    exit 1
  fi
  if [ -n "$file" ]; then value="$(<"$file")"; fi
  export "$1"="${value:-${2:-}}"
  unset "$file_variable"
}

# A server that only this container can reach, for the time of the initialisation.
with_temporary_server() {
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
  "$@"
  pg_ctl -D "$PGDATA" -m fast -w stop
}

query() {
  PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --no-psqlrc --no-password --username "$POSTGRES_USER" "$@"
}

set_up() {
  if [ "$POSTGRES_DB" != postgres ]; then
    query --dbname postgres --set name="$POSTGRES_DB" <<<'CREATE DATABASE :"name";'
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) query --dbname "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | query --dbname "$POSTGRES_DB" ;;
    esac
  done
}

initialise() {
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    echo >&2 "error: the database is not initialised and no superuser password is given: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE"
    exit 1
  fi
  eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(printf '%s\n' \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS"
  printf '\nhost all all all %s\n' "$POSTGRES_HOST_AUTH_METHOD" >> "$PGDATA/pg_hba.conf"
  with_temporary_server set_up
  unset PGPASSWORD
}

main() {
  if [ "${1:0:1}" = '-' ]; then set -- postgres "$@"; fi
  if [ "$1" = postgres ]; then
    mkdir -p "$PGDATA"
    if [ "$(id -u)" = 0 ]; then
      # The server refuses to run as root.
      chmod 700 "$PGDATA"
      find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres '{}' +
      exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
    fi
    chmod 700 "$PGDATA" || :
    from_environment POSTGRES_PASSWORD
    from_environment POSTGRES_USER postgres
    from_environment POSTGRES_DB "$POSTGRES_USER"
    from_environment POSTGRES_INITDB_ARGS
    from_environment POSTGRES_HOST_AUTH_METHOD scram-sha-256
    if [ ! -s "$PGDATA/PG_VERSION" ]; then
      export PGPASSWORD="$POSTGRES_PASSWORD"
      initialise
    fi
  fi
  exec "$@"
}

main "$@"
