"""A mark for each submission, so that a repeated insert finds the first one's row.

Revision 0002, the first half of expand and contract: the column may stay empty, so the version that knows nothing of it
keeps running while this one rolls out, and after a rollback. Once no version without it can run any more, a later
revision may fill the gaps and forbid new ones.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column and its unique index without stopping writes; safe to repeat after an interruption."""
    op.execute("ALTER TABLE messages ADD COLUMN IF NOT EXISTS submission uuid")
    # Not in a transaction, and not blocking inserts while it builds. One that was cut off leaves an invalid index.
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS messages_submission")
        op.execute("CREATE UNIQUE INDEX CONCURRENTLY messages_submission ON messages (submission)")
