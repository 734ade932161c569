"""The tables. Core, not ORM: a checkpoint through the ORM costs several times as much, and nothing
here needs identity maps."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

# A database at an older revision is migrated; one at a revision that is not listed is refused.
REVISIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = REVISIONS[-1]

metadata = MetaData()

projects = Table(
    "projects",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("uid", String(8), nullable=False),
    Column("service", String(255), nullable=False),
    Column("state", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("since", Float, nullable=False),
    Column("due_at", Float),
    Column("waiting_for", JSON(none_as_null=True)),
    Column("hold", JSON(none_as_null=True)),
    Column("attempts", Integer, nullable=False),
    Column("last_error", JSON(none_as_null=True)),
    Column("facts", JSON, nullable=False),
    Column("settings", JSON(none_as_null=True)),  # of this project alone; NULL: none
    # Who is due, and who has changed, is answered from it alone, of ten thousand rows.
    Index("projects_by_due", "due_at", "service", "version", "name"),
)

# Append-only: on SQLite triggers refuse UPDATE and DELETE.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("project", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("from_state", String(32), nullable=False),
    Column("event", String(32), nullable=False),
    Column("to_state", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("note", JSON(none_as_null=True)),
    Column("facts", JSON, nullable=False),
    UniqueConstraint("project", "version", name="one_checkpoint_per_version"),
)

# Write-ahead intents, each with its receipt once there is one. Read as states.store_port.Intent.
effects = Table(
    "effects",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("project", String(64), nullable=False),
    # Where it was to happen: the project may have moved to another service since.
    Column("service", String(255), nullable=False),
    Column("kind", String(255), nullable=False),
    Column("spec", Text, nullable=False),  # JSON with sorted keys
    # last_sent_at: unix seconds; the machine start; seconds since that. NULL: nothing on its way.
    Column("stamp", Float),
    Column("stamp_boot", String(64)),
    Column("stamp_ticks", Float),
    Column("tries", Integer, nullable=False),
    Column("misses", Integer, nullable=False),  # 404 answers in a row to a deletion
    Column("opened_at", Float, nullable=False),
    Column("receipt", String(255)),
    Column("closed_at", Float),
)

# A blob is whole once its row is there. Read by store/documents.py.
blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),  # of what was put in
    # The first piece, compressed; all of it as it is where `size` is NULL, from before 0003.
    Column("content", LargeBinary, nullable=False),
    Column("size", BigInteger),  # bytes of what was put in
    Column("series", String(32)),  # of the pieces after the first; NULL: there are none
)

# What follows the first piece of a blob. Those of a series that no blob names were left by a writer
# that was killed, or belong to one that still writes.
pieces = Table(
    "pieces",
    metadata,
    Column("series", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 1
    Column("content", LargeBinary, nullable=False),  # compressed
    Column("at", Float, nullable=False),  # unix seconds
)

answers = Table(
    "answers",
    metadata,
    Column("project", String(64), primary_key=True),
    Column("model", String(255), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("answer", JSON, nullable=False),
)

daemon = Table(
    "daemon",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("last_tick", Float, nullable=False),
)

# How far each address of AGENT_NOTIFY has been told: the outbox is the history itself.
notices = Table(
    "notices",
    metadata,
    # Of the agent that tells: several may share a database, each with addresses of its own.
    Column("home", String(64), primary_key=True),
    Column("address", String(64), primary_key=True),  # its digest: an address holds secrets
    # A project, whose number is the version of the last checkpoint told; what a rule watches, whose
    # number is the stage told; or "", the row that says that this address is known.
    Column("topic", String(255), primary_key=True),
    Column("number", Integer, nullable=False),
)
