"""What a check of the data finds, and where in a person's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.intents.document import SHOWN
from states.text import Text, say


@dataclass(frozen=True)
class Finding:
    """What a rule says. `is_error`: the service would refuse it, or the training be useless.

    `kind` names the rule in JSON ("near_duplicates"). `rows`: where, the first few of `count`.
    `command`: what to type about it.
    """

    text: Text
    is_error: bool = False
    kind: str = ""
    rows: tuple[Text, ...] = ()
    count: int = 0
    command: Text | None = None


@dataclass(frozen=True)
class Assessment:
    """What a local classifier says of the data before anything is paid.

    `figures`: JSON for data_preparation_summary.json, such as the learning curve.
    """

    findings: Sequence[Finding] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


class Tally:
    """Mistakes of one kind each: how many, and where the first few are.

    Of more kinds than a person reads at once only the rows are counted.
    """

    def __init__(self) -> None:
        self._untold = 0
        self._rows: dict[str, tuple[Text, list[Text]]] = {}
        self._counts: dict[str, int] = {}

    def add(self, problem: Text, where: Text) -> None:
        key = str(problem)
        if key not in self._counts and len(self._counts) == SHOWN:
            self._untold += 1
            return
        self._counts[key] = self._counts.get(key, 0) + 1
        rows = self._rows.setdefault(key, (problem, []))[1]
        if len(rows) < SHOWN:
            rows.append(where)

    def findings(self) -> list[Finding]:
        more = say(
            "and {count} more row that is wrong in another way",
            "and {count} more rows that are wrong in other ways",
            count=self._untold,
        )
        untold = [Finding(more, is_error=True, kind="row", count=self._untold)]
        return self._told() + (untold if self._untold else [])

    def _told(self) -> list[Finding]:
        return [
            Finding(
                say(
                    "{problem}: {count} row ({rows})",
                    "{problem}: {count} rows ({rows})",
                    problem=problem,
                    count=self._counts[key],
                    rows=join(rows, self._counts[key]),
                ),
                is_error=True,
                kind="row",
                rows=tuple(rows),
                count=self._counts[key],
            )
            for key, (problem, rows) in self._rows.items()
        ]


def join(rows: Sequence[Text], count: int) -> Text:
    """The first few places, and that there are more."""
    told = rows[0]
    for row in rows[1:SHOWN]:
        told = say("{one}; {other}", one=told, other=row)
    return told if count <= min(len(rows), SHOWN) else say("{one}; …", one=told)
