"""The only reader of the environment: every setting, its unit, its default and its limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(ValueError):
    """One or more environment variables are wrong; the message names all of them and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """How one process of the application behaves.

    The database's address and credentials are not here: libpq reads PGHOST, PGPORT, PGDATABASE, PGUSER and PGPASSWORD
    itself.
    """

    environment: str = "local"
    """APP_ENVIRONMENT: the name that the page shows."""
    image: str = ""
    """SLIPWAY_IMAGE: the image this process runs, `repo@sha256:…`; empty outside a container."""
    release_file: Path = Path("/etc/slipway/release.json")
    """SLIPWAY_RELEASE_FILE: names the release of an image; may be absent, and may change while running."""
    log_level: str = "info"
    """LOG_LEVEL: debug, info, warning or error."""
    port: int = 8000
    """PORT: the TCP port listened on."""
    workers: int = 2
    """WEB_CONCURRENCY: worker processes."""
    graceful_timeout: int = 20
    """GRACEFUL_TIMEOUT, seconds: requests still running this long after SIGTERM are cut off."""
    drain: int = 5
    """DRAIN_SECONDS: how long after SIGTERM a keep-alive client may still send a request (answered, then closed)."""
    keep_alive: int = 75
    """KEEP_ALIVE, seconds: an idle connection is closed after this; more than proxies usually wait (60)."""
    pool_size: int = 5
    """DATABASE_POOL_SIZE: connections per worker; the readiness probe uses one more of its own."""
    database_timeout: int = 5
    """DATABASE_TIMEOUT, seconds: the most that connecting, one statement, or waiting for a free connection may take."""
    migration_wait: int = 60
    """MIGRATION_WAIT, seconds: how long a migration waits for the database, and for another migration to end."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read all settings; an empty variable counts as absent. Raises SettingsError naming every problem at once."""
        problems: list[str] = []

        def word(name: str, default: str) -> str:
            return environment.get(name, "").strip() or default

        def whole(name: str, default: int, lowest: int, highest: int) -> int:
            text = word(name, str(default))
            if text.isascii() and text.isdigit() and lowest <= int(text) <= highest:
                return int(text)
            problems.append(f"{name}={text!r}: a whole number from {lowest} to {highest} is needed")
            return default

        log_level = word("LOG_LEVEL", cls.log_level).lower()
        if log_level not in LOG_LEVELS:
            problems.append(f"LOG_LEVEL={log_level!r}: one of {', '.join(LOG_LEVELS)} is needed")
        settings = cls(
            environment=word("APP_ENVIRONMENT", cls.environment),
            image=word("SLIPWAY_IMAGE", cls.image),
            release_file=Path(word("SLIPWAY_RELEASE_FILE", str(cls.release_file))),
            log_level=log_level,
            port=whole("PORT", cls.port, 1, 65535),
            workers=whole("WEB_CONCURRENCY", cls.workers, 1, 64),
            graceful_timeout=whole("GRACEFUL_TIMEOUT", cls.graceful_timeout, 1, 600),
            drain=whole("DRAIN_SECONDS", cls.drain, 0, 600),
            keep_alive=whole("KEEP_ALIVE", cls.keep_alive, 1, 3600),
            pool_size=whole("DATABASE_POOL_SIZE", cls.pool_size, 1, 100),
            database_timeout=whole("DATABASE_TIMEOUT", cls.database_timeout, 1, 300),
            migration_wait=whole("MIGRATION_WAIT", cls.migration_wait, 0, 3600),
        )
        if settings.drain >= settings.graceful_timeout:
            problems.append(
                f"DRAIN_SECONDS={settings.drain} must be less than GRACEFUL_TIMEOUT={settings.graceful_timeout}"
            )
        if problems:
            raise SettingsError("; ".join(problems))
        return settings
