"""What `alembic` runs: every migration under the lock, every line of its log as JSON, every failure in one line."""

import logging
import os
import sys

from alembic import context
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from noticeboard.logs import start_logging
from noticeboard.messages import metadata
from noticeboard.migration import MigrationError, exclusive_connection
from noticeboard.settings import Settings, SettingsError

log = logging.getLogger("noticeboard.migrations")


def migrate() -> None:
    """Run what the command line asks for; raises MigrationError or what SQLAlchemy raises."""
    settings = Settings.from_environment(os.environ)
    start_logging(settings.log_level)
    with exclusive_connection(settings.migration_wait) as connection:
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
        before = context.get_context().get_current_revision()
        connection.rollback()
        newest = context.get_head_revision()
        if before and int(before) > int(newest):
            # A rollback brings an earlier image, which does not know this revision and runs on it all the same.
            fields = {"before": before, "newest": newest}
            log.info("schema unchanged: newer than this release", extra={"fields": fields})
            return
        with context.begin_transaction():
            context.run_migrations()
        after = context.get_context().get_current_revision()
        fields = {"before": before, "after": after}
        log.info("schema %s", "unchanged" if before == after else "changed", extra={"fields": fields})


try:
    migrate()
except SettingsError as error:
    start_logging("info")
    log.error("migration not started: %s", error)
    sys.exit(1)
except (MigrationError, SQLAlchemyError, CommandError) as error:
    log.error("migration failed: %s", " ".join(str(error).split()))
    sys.exit(1)
