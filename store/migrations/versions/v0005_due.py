"""An index for the sweeps. Frozen: what follows is a new file."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("projects_by_due", "projects", ["due_at", "service", "version", "name"])
