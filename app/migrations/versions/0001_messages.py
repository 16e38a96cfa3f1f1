"""Messages.

Revision 0001: the table that the application began with.
"""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table of messages."""
    op.execute("""
        CREATE TABLE messages (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            text text NOT NULL CHECK (char_length(text) BETWEEN 1 AND 500),
            created_at timestamptz NOT NULL DEFAULT now()
        )
    """)
