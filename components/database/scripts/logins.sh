#!/usr/bin/env bash
# Lets the database's current login in. Runs beside the server, as its superuser over its socket: that role has no
# password and no way in over the network. Looks every second whether the login that is mounted here has changed, or the
# server was started anew, and applies it then; it never lets anyone out (see logins.sql: close_other_logins).
#
# LOGIN_FOLDER: the mounted login, files `user` and `password`. OWNER, DATABASE: names.
set -uo pipefail
trap 'exit 0' TERM INT

applied='' complaint=''
while :; do
  # Both files from one folder: the mount is exchanged as a whole, and must not be read half before and half after.
  folder=$(readlink -f "$LOGIN_FOLDER/..data") || folder=''
  state="$folder $(cat "$PGHOST/.s.PGSQL.5432.lock" 2>/dev/null)"
  if [ -r "$folder/user" ] && [ "$state" != "$applied" ]; then
    if said=$(LOGIN=$(<"$folder/user") PASSWORD=$(<"$folder/password") psql --no-psqlrc --quiet --no-password \
      --set=ON_ERROR_STOP=1 --output=/dev/null --file="${0%/*}/logins.sql" 2>&1); then
      echo "login open: $(<"$folder/user")"
      applied=$state complaint=''
    elif [ "$said" != "$complaint" ]; then
      # A server that is still starting is expected to refuse; each reason is worth one line.
      echo "login not open yet: ${said##*$'\n'}"
      complaint=$said
    fi
  fi
  # In the background, so that a signal is not kept waiting.
  sleep 1 &
  wait $!
done
