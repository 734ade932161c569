"""What the store knows of a project's money: its facts over time, and its paid answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, Row, func, select

from states import facts_json
from states.errors import StoreError
from states.model import Project
from store.engine import reading
from store.rows import UNREADABLE, explain_unreadable
from store.schema import answers, checkpoints

if TYPE_CHECKING:
    from states.money.spending import Asked, Moment

_REGISTER = "served by "  # which models a deployment has served: no answers


class SqlTrail:
    """states.store_port.MoneyStore."""

    engine: Engine

    def moments(self, project: Project) -> Sequence[Moment]:
        from states.money.spending import Moment  # only where money is charged

        columns = (checkpoints.c[name] for name in ("at", "generation", "facts", "note"))
        query = (
            select(*columns)
            .where(checkpoints.c.project == project.name)
            .order_by(checkpoints.c.version)
        )
        with reading(self.engine) as connection:
            rows = connection.execute(query).all()
        moved = [number for number, row in enumerate(rows) if _is_another_service(row)]
        try:
            return [
                Moment(row.at, row.generation, facts_json.read(row.facts))
                for row in rows[moved[-1] if moved else 0 :]
            ]
        except UNREADABLE as error:
            raise StoreError(explain_unreadable(project.name, error)) from error

    def asked(self, project: Project) -> Sequence[Asked]:
        from states.money.spending import Asked

        prompt = answers.c.answer["prompt_tokens"].as_integer()
        completion = answers.c.answer["completion_tokens"].as_integer()
        told = func.count(prompt)
        query = (
            select(answers.c.model, func.sum(prompt), func.sum(completion), func.count(), told)
            .where(answers.c.project == project.name, ~answers.c.model.startswith(_REGISTER))
            .group_by(answers.c.model)
            .order_by(answers.c.model)
        )
        with reading(self.engine) as connection:
            return [
                Asked(_model_of(model), int(sent or 0), int(got or 0), every - known)
                for model, sent, got, every, known in connection.execute(query)
            ]


def _is_another_service(row: Row[Any]) -> bool:
    """The project was taken to its present service: what was before is another's bill."""
    note = row.note if isinstance(row.note, dict) else {}
    return "theirs" in note.get("values", {})


def _model_of(kept: str) -> str:
    """Answers of a deployment are kept as `MODEL at DEPLOYMENT` (states/steps/paid_answers.py)."""
    return kept.partition(" at ")[0]
