"""What is left at the service of projects that are over, for a terminal and as JSON.

cli/cleanup.py calls this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.screen import Screen, Styled
from agent.views.times import since
from states.model import Project
from states.state import State
from states.steps.leftovers import Kind, Leftover, Leftovers, holds_model
from states.text import Rounded, Text, say

NOTHING = "—"
TITLES = (
    say("project"),
    say("what"),
    say("name"),
    say("size"),
    say("age"),
    say("goes"),
    say("why"),
)
KINDS = {
    Kind.FILE: say("file"),
    Kind.RESULTS: say("result file"),
    Kind.JOB: say("training and its model"),
}
GOES, STAYS = say("yes"), say("no")
KILOBYTE = 1000


@dataclass(frozen=True)
class Found:
    """What `cleanup` has found of one project."""

    project: Project
    left: Leftovers


def render_leftovers(screen: Screen, found: Sequence[Found], translate: Translate) -> None:
    """A table where it fits, else a paragraph for each."""
    titles = [translate(title) for title in TITLES]
    rows = [
        _row(one.project.name, item, goes, translate)
        for one in found
        for goes, items in ((True, one.left.going), (False, one.left.staying))
        for item in items
    ]
    if not print_table(screen, titles, rows):
        for row in rows:
            cells = zip(titles[1:], row[1:], strict=True)
            told = "; ".join(f"{title}: {cell.plain}" for title, cell in cells)
            print_wrapped(screen, Styled(f"{row[0].plain}: {told}"))


def _row(project: str, item: Leftover, goes: bool, translate: Translate) -> list[Styled]:
    return [
        Styled(project),
        Styled(translate(KINDS[item.kind])),
        Styled(item.name),
        Styled(NOTHING if item.size is None else translate(_describe_size(item.size))),
        Styled(NOTHING if item.created_at is None else since(item.created_at)),
        Styled(translate(GOES if goes else STAYS)),
        Styled(translate(item.why)),
    ]


def _describe_size(size: int) -> Text:
    return say("{size} kB", size=Rounded(size / KILOBYTE, 1))


def describe_consequences(found: Found) -> Text | None:
    """What cannot be done any more afterwards; None where all of it still can."""
    project, going = found.project, found.left.going
    name = project.name
    loses_model = any(one.kind is Kind.JOB and holds_model(project, one.id) for one in going)
    if project.state is State.FAILED and going:
        return say(
            "Afterwards {project} begins anew, with `retry {project} --restart`: a new training,"
            " paid again.",
            project=name,
        )
    if not loses_model or project.state is not State.ANALYZED:
        return None
    return say(
        "Afterwards the model of {project} can neither be deployed nor asked any more (`evaluate"
        " --deploy`, `ask`, `iterate --accept`). Its results, sentences and paid answers stay:"
        " `report`, `compare`, `export`, and `iterate` or `retrain`, which train anew.",
        project=name,
    )


def found_json(found: Found, note: Text | None) -> dict[str, Any]:
    """`note`: what became of it; None where nothing was deleted."""
    consequences = describe_consequences(found)
    return {
        "name": found.project.name,
        "state": found.project.state.value,
        "going": [one.as_json() for one in found.left.going],
        "staying": [one.as_json() for one in found.left.staying],
        "afterwards": consequences and str(consequences),
        "done": note and str(note),
    }
