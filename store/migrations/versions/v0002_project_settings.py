"""A project may have settings of its own. Frozen: what follows is a new file."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("projects", sa.Column("settings", sa.JSON(none_as_null=True)))
