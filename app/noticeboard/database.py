"""Connections to PostgreSQL: bounded in number and in time, and able to outlive a restart of the server."""

import logging
import socket
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from noticeboard.settings import Settings

REQUIRED_REVISION = 2
"""The schema revision that this version of the application needs. Revisions are numbered; a newer one is fine."""
READY_TIMEOUT = 2
"""Seconds within which the readiness check must be answered."""
RECYCLE = 1800
"""Seconds after which a connection is replaced, so that none lives on an outdated address or password for ever."""

URL = "postgresql+psycopg://"
"""No host, no credentials: libpq takes them from its own environment variables."""

log = logging.getLogger(__name__)
T = TypeVar("T")


class NotReady(Exception):
    """The database cannot serve this version now. The message is safe to show to anyone."""


def connect_arguments(timeout: int, *options: str) -> dict[str, Any]:
    """Return libpq's connection arguments: no silence of the network is waited for longer than `timeout` seconds.

    `options` are server settings of the session, as `name=value`.
    """
    return {
        "application_name": f"noticeboard/{socket.gethostname()}",
        "connect_timeout": max(timeout, 2),  # libpq knows nothing below 2 s
        "tcp_user_timeout": timeout * 1000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": " ".join(f"-c {option}" for option in ("timezone=UTC", *options)),
    }


def _engine(size: int, timeout: int) -> Engine:
    return create_engine(
        URL,
        connect_args=connect_arguments(
            timeout, f"statement_timeout={timeout * 1000}", f"idle_in_transaction_session_timeout={2 * timeout * 1000}"
        ),
        pool_size=size,
        max_overflow=0,
        pool_timeout=timeout,
        pool_recycle=RECYCLE,
        pool_pre_ping=True,
        hide_parameters=True,  # what people write is not for the logs
    )


class Database:
    """The application's access to its database. Connects on first use, so a process may fork before that, not after."""

    def __init__(self, settings: Settings) -> None:
        """Set up the pools; nothing is contacted yet."""
        self._engine = _engine(settings.pool_size, settings.database_timeout)
        # The probe has a connection of its own: a full pool means busy, not broken, and must not take the pod out.
        self._probe = _engine(1, READY_TIMEOUT)

    def run(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction and return its result; on a connection that broke underway, once more.

        `work` must therefore be safe to repeat. Raises what SQLAlchemy raises when that fails too.
        """
        try:
            return self._transaction(work)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            log.warning("connection to the database lost, trying once more")
            return self._transaction(work)

    def _transaction(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    def check(self) -> None:
        """Raise NotReady unless the database answers and its schema is at least at REQUIRED_REVISION."""
        try:
            with self._probe.connect() as connection:
                exists = connection.scalar(text("SELECT to_regclass('alembic_version') IS NOT NULL"))
                found = connection.scalar(text("SELECT version_num FROM alembic_version")) if exists else None
        except SQLAlchemyError as error:
            log.warning("readiness: %s", str(error).splitlines()[0])
            raise NotReady("the database cannot be reached") from error
        if found is None:
            raise NotReady("the database has no schema yet; run the migration")
        if int(found) < REQUIRED_REVISION:
            raise NotReady(f"the schema is at revision {found}, {REQUIRED_REVISION:04} is needed; run the migration")

    def close(self) -> None:
        """Close the idle connections."""
        self._engine.dispose()
        self._probe.dispose()
