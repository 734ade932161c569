"""The checkpoints of a training, for a terminal and as JSON. cli/checkpoints.py calls this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.screen import Screen, Styled
from agent.views.times import foreign_time
from states.evaluation.checkpoints import find_best, validation_loss
from states.model import Project
from states.remote import RemoteCheckpoint
from states.stages import DELETED
from states.text import Rounded, Text, say

NOTHING = "—"
TITLES = (
    say("step"),
    say("training loss"),
    say("validation loss"),
    say("validation accuracy"),
    say("model"),
)
METRICS = (
    "train_loss",
    "train_mean_token_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)


@dataclass(frozen=True)
class Shown:
    """`deployment`: the project's, of this very model, while it is there."""

    one: RemoteCheckpoint
    is_best: bool
    is_final: bool
    is_chosen: bool
    deployment: str | None

    def as_json(self) -> dict[str, Any]:
        """`chosen`: it is the model that the project deploys and asks."""
        return {
            "id": self.one.id,
            "step": self.one.step,
            "model": self.one.model,
            "created_at": foreign_time(self.one.created_at or None),
            **{name: self.one.metrics.get(name) for name in METRICS},
            "best": self.is_best,
            "final": self.is_final,
            "chosen": self.is_chosen,
            "deployment": self.deployment,
        }


def mark(project: Project, listed: Sequence[RemoteCheckpoint]) -> list[Shown]:
    """The last step first, each with what the project makes of it."""
    trained, deployed = project.facts.trained, project.facts.deployed
    is_there = deployed is not None and deployed.status != DELETED
    best, found = find_best(listed), []
    for one in sorted(listed, key=lambda one: -one.step):
        is_chosen = trained is not None and one.model == trained.model
        name = deployed.name if deployed and is_there and is_chosen else None
        is_final = trained is not None and one.model == trained.final
        found.append(Shown(one, one is best, is_final, is_chosen, name))
    return found


def render_checkpoints(
    screen: Screen, project: Project, shown: Sequence[Shown], translate: Translate
) -> None:
    """A table where it fits, else a paragraph for each; then what can be done with them."""
    titles = [translate(title) for title in TITLES]
    rows = [_row(one, translate) for one in shown]
    if not print_table(screen, titles, rows):
        for row in rows:
            cells = zip(titles[1:], row[1:], strict=True)
            told = "; ".join(f"{title}: {cell.plain}" for title, cell in cells)
            print_wrapped(screen, Styled(f"{titles[0]} {row[0].plain}: {told}"))
    for line in _advise(project, shown):
        print_wrapped(screen, Styled(translate(line)))


def _row(shown: Shown, translate: Translate) -> list[Styled]:
    metrics = shown.one.metrics
    accuracy = metrics.get("full_valid_mean_token_accuracy")
    if accuracy is None:
        accuracy = metrics.get("valid_mean_token_accuracy")
    marks = [translate(text) for text in _list_marks(shown)]
    return [
        Styled(str(shown.one.step)),
        Styled(_number(metrics.get("train_loss"), translate)),
        Styled(_number(validation_loss(shown.one), translate)),
        Styled(_number(accuracy, translate)),
        Styled(", ".join([shown.one.model, *marks]), style="green" if shown.is_best else ""),
    ]


def _list_marks(shown: Shown) -> list[Text]:
    marks = []
    if shown.is_best:
        marks.append(say("lowest validation loss"))
    if shown.is_final:
        marks.append(say("the final model"))
    if shown.deployment is not None:
        marks.append(say("deployed as {name}", name=shown.deployment))
    elif shown.is_chosen:
        marks.append(say("the project's model"))
    return marks


def _number(value: float | None, translate: Translate) -> str:
    return NOTHING if value is None else translate(say("{number}", number=Rounded(value, 4)))


def _advise(project: Project, shown: Sequence[Shown]) -> list[Text]:
    if project.facts.trained is None:
        return [
            say(
                "The training is not over: the service goes on to make them, and keeps the last"
                " three."
            )
        ]
    best = next((one for one in shown if one.is_best), None)
    if best is None or best.is_chosen:
        return [
            say(
                "`advance {project} --checkpoint STEP` deploys another one and asks it the same"
                " cases, without a new training.",
                project=project.name,
            )
        ]
    return [
        say(
            "`advance {project} --checkpoint {step}` deploys the one of the lowest validation loss"
            " and asks it the same cases, without a new training.",
            project=project.name,
            step=best.one.step,
        )
    ]
