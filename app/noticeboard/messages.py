"""Messages: what one is, and how they are kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from noticeboard.database import Database

LONGEST = 500
"""Characters in the longest message."""
LARGEST_ID = 2**63 - 1
"""PostgreSQL's largest bigint."""

metadata = MetaData()
messages = Table(
    "messages",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("text", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("submission", Uuid, nullable=True),
    Index("messages_submission", "submission", unique=True),
)
# Never "all columns": a version must keep working on a schema that has more of them.
SHOWN = (messages.c.id, messages.c.text, messages.c.created_at)


@dataclass(frozen=True)
class Message:
    """One message on the board."""

    id: int
    text: str
    created_at: datetime


@dataclass(frozen=True)
class Page:
    """Some messages, newest first, and where the next older page starts (None at the end)."""

    messages: list[Message]
    next: int | None


def clean_text(text: str) -> str:
    """Return the text of a message trimmed, or raise ValueError saying what is wrong with it."""
    trimmed = text.strip()
    if "\0" in trimmed or any("\ud800" <= character <= "\udfff" for character in trimmed):
        raise ValueError("must not contain NUL or half of a surrogate pair")
    if not 1 <= len(trimmed) <= LONGEST:
        raise ValueError(f"must have 1 to {LONGEST} characters after trimming, not {len(trimmed)}")
    return trimmed


class Board:
    """The messages in a database."""

    def __init__(self, database: Database) -> None:
        """Use this database; nothing is contacted yet."""
        self._database = database

    def add(self, text: str) -> Message:
        """Keep a message (text from `clean_text`) and return it. Exactly once, even if the connection breaks."""
        submission = uuid4()
        return self._database.run(lambda connection: _insert(connection, text, submission))

    def page(self, limit: int, before: int | None = None) -> Page:
        """Return the newest `limit` messages, or the newest of those with an id below `before`."""
        wanted = select(*SHOWN).order_by(messages.c.id.desc()).limit(limit + 1)
        if before is not None:
            wanted = wanted.where(messages.c.id < before)
        found = [_message(row) for row in self._database.run(lambda connection: connection.execute(wanted).all())]
        shown = found[:limit]
        return Page(messages=shown, next=shown[-1].id if len(found) > limit else None)


def _insert(connection: Connection, text: str, submission: UUID) -> Message:
    # If the connection broke after the server had committed, the second try finds the first one's row.
    kept = connection.execute(
        insert(messages)
        .values(text=text, submission=submission)
        .on_conflict_do_nothing(index_elements=[messages.c.submission])
        .returning(*SHOWN)
    ).first()
    return _message(kept or connection.execute(select(*SHOWN).where(messages.c.submission == submission)).one())


def _message(row: Row) -> Message:
    return Message(*row)
