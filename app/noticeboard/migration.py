"""One migration at a time: however many are started, on however many machines, they take turns."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import OperationalError

from noticeboard.database import URL, connect_arguments

LOCK = {"space": 7_305, "number": 1}
"""The advisory lock's key; any two numbers that no other user of this database locks."""
CONNECT_TIMEOUT = 5
"""Seconds that one attempt to connect may take."""
TABLE_WAIT = 10
"""Seconds that a statement may wait for a table in use: requests queue up behind it all that while."""
POLL = 0.5
"""Seconds between two attempts."""

log = logging.getLogger(__name__)


class MigrationError(Exception):
    """The migration could not even start; the message says why and what to look at."""


@contextmanager
def exclusive_connection(wait: float) -> Iterator[Connection]:
    """Give the one connection that may change the schema, waiting at most `wait` seconds for it.

    Raises MigrationError if the database cannot be reached by then, or if another migration still runs, saying which.
    The lock belongs to the session: it ends with the process, however that ends.
    """
    engine = create_engine(
        URL,
        connect_args=connect_arguments(CONNECT_TIMEOUT, f"lock_timeout={TABLE_WAIT * 1000}"),
        poolclass=NullPool,
    )
    end = time.monotonic() + wait
    with _connected(engine.connect, end, wait) as connection:
        _locked(connection, end, wait)
        yield connection


def _connected(connect, end: float, wait: float) -> Connection:
    while True:
        try:
            return connect()
        except OperationalError as error:
            reason = str(error.orig).strip().replace("\n", " ")
            if time.monotonic() >= end:
                raise MigrationError(f"the database could not be reached within {wait:g} s: {reason}") from error
            log.info("waiting for the database: %s", reason)
            time.sleep(POLL)


def _locked(connection: Connection, end: float, wait: float) -> None:
    # Tried again and again, never waited for inside the server: CREATE INDEX CONCURRENTLY waits for every statement
    # that runs, so a migration waiting in one would be a deadlock.
    waiting = False
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:space, :number)"), LOCK):
        holder = _holder(connection)
        connection.rollback()
        if time.monotonic() >= end:
            raise MigrationError(f"another migration still runs after {wait:g} s: {holder}")
        if not waiting:
            log.info("waiting for another migration: %s", holder)
            waiting = True
        time.sleep(POLL)
    connection.commit()


def _holder(connection: Connection) -> str:
    found = connection.execute(
        text("""
            SELECT application_name, coalesce(host(client_addr), 'local') AS address, pid, backend_start
            FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = :space AND objid = :number
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """),
        LOCK,
    ).first()
    if found is None:
        return "it has just ended"
    return f"{found.application_name} ({found.address}, server process {found.pid}, since {found.backend_start})"
