"""The first schema. Frozen: what follows is a new file, never an edit of this one."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("uid", sa.String(8), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("due_at", sa.Float),
        sa.Column("waiting_for", JSON),
        sa.Column("hold", JSON),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", JSON),
        sa.Column("facts", sa.JSON, nullable=False),
    )
    op.create_table(
        "checkpoints",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("from_state", sa.String(32), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("to_state", sa.String(32), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("note", JSON),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.UniqueConstraint("project", "version", name="one_checkpoint_per_version"),
    )
    op.create_table(
        "effects",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("project", sa.String(64), nullable=False),
        sa.Column("service", sa.String(255), nullable=False),
        sa.Column("kind", sa.String(255), nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("stamp", sa.Float),
        sa.Column("stamp_boot", sa.String(64)),
        sa.Column("stamp_ticks", sa.Float),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("misses", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("receipt", sa.String(255)),
        sa.Column("closed_at", sa.Float),
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("project", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(255), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("answer", sa.JSON, nullable=False),
    )
    op.create_table(
        "daemon",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("last_tick", sa.Float, nullable=False),
    )
    _refuse_changes_of_history(op.get_bind().dialect.name)


def _refuse_changes_of_history(dialect: str) -> None:
    if dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'checkpoints are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER checkpoints_refuse_change BEFORE UPDATE OR DELETE ON checkpoints "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER checkpoints_refuse_{verb.lower()} BEFORE {verb} ON checkpoints "
                "BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END"
            )
