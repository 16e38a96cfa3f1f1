#!/usr/bin/env bash
# Ends once the login in libpq's variables is let in, to its database and to those in DATABASES, names with spaces between
# them. How long that may take is the deadline of the pod.
set -uo pipefail
for database in "$PGDATABASE" $DATABASES; do
  PGDATABASE=$database "${0%/*}/await-login.sh"
done
