"""${message}

Revision ${up_revision}, after ${down_revision or "none"}. Expand only: the version before this one keeps running on it.
"""

from alembic import op

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Change the schema. There is no way back: a rollback of the application keeps the schema."""
    ${upgrades if upgrades else "raise NotImplementedError"}
