"""Blobs are compressed and in pieces. Frozen: what follows is a new file.

The blobs that are there stay as they are, and readable: it may be gigabytes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("blobs", sa.Column("size", sa.BigInteger))
    op.add_column("blobs", sa.Column("series", sa.String(32)))
    op.create_table(
        "pieces",
        sa.Column("series", sa.String(32), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
