"""Until when a base model can be trained, and what was trained on it be deployed.

The service's own dates where they were read, else the catalogue's: whichever is newer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from states.bases.table import Entry
from states.text import Text, say

ENDING = ("legacy", "deprecated", "retired")  # lifecycles
SERVICE = "service"  # the source of what was read from the model list


@dataclass(frozen=True)
class Lifetime:
    """ISO dates; None: nobody says. `source`: a document, or SERVICE; `read`: of which day."""

    training_ends: str | None
    deployment_ends: str | None
    lifecycle: str | None  # in the service's words
    source: str
    read: str

    @property
    def source_text(self) -> Text:
        if self.source == SERVICE:
            return say("the service, {date}", date=self.read)
        return say("{source}, {date}", source=self.source, date=self.read)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def lifetime_in(entry: Entry) -> Lifetime | None:
    """By the catalogue; None where it has no date and no lifecycle."""
    found = [entry.get(name) for name in ("fine_tuning_ends", "deployment_ends", "lifecycle")]
    if not any(found):
        return None
    training, deployment, lifecycle = (one and str(one) for one in found)
    return Lifetime(training, deployment, lifecycle, str(entry["source"]), str(entry["date"]))


def choose(seen: Lifetime | None, entry: Entry) -> Lifetime | None:
    """What the service said, with the catalogue's word where it said nothing; the catalogue's
    alone where it is newer."""
    printed = lifetime_in(entry)
    if seen is None or printed is None:
        return seen or printed
    if printed.read > seen.read or not (seen.training_ends or seen.deployment_ends):
        return printed
    return seen


def days_left(end: str | None, now: float) -> int | None:
    """Whole days until an ISO date; negative once it is over. `now`: unix seconds."""
    if end is None:
        return None
    try:
        day = date.fromisoformat(end[:10])
    except ValueError:
        return None
    return (day - datetime.fromtimestamp(now, UTC).date()).days


def from_service(
    training_ends: str | None, deployment_ends: str | None, lifecycle: str | None, now: float
) -> Lifetime:
    today = datetime.fromtimestamp(now, UTC).date().isoformat()
    return Lifetime(training_ends, deployment_ends, lifecycle, SERVICE, today)


def describe_deployment_left(
    model: str, found: Lifetime, now: float, advice: Mapping[str, Any]
) -> tuple[Text, bool] | None:
    """How long a deployment of the model goes on, and whether that is soon; None: nobody says.

    `advice`: the catalogue's, for what is soon."""
    left, end = days_left(found.deployment_ends, now), found.deployment_ends
    if left is None or end is None:
        return None
    values: dict[str, str | Text] = {"model": model, "date": end[:10], "source": found.source_text}
    if left < 0:
        told = say("the deployments of {model} have ended on {date} ({source})", **values)
    else:
        told = say(
            "the deployments of {model} end in {count} day, on {date} ({source})",
            "the deployments of {model} end in {count} days, on {date} ({source})",
            count=left,
            **values,
        )
    return told, left < advice["deployment_days"]


def warn_of_training_end(
    model: str, found: Lifetime, now: float, advice: Mapping[str, Any]
) -> Text | None:
    """That it can be trained for a short time only, or that nobody new is let in."""
    left, end = days_left(found.training_ends, now), found.training_ends
    if left is not None and end is not None and left < advice["training_days"]:
        return say(
            "{model} is trained until {date} only ({source})",
            model=model,
            date=end[:10],
            source=found.source_text,
        )
    if (found.lifecycle or "").casefold() not in ENDING:
        return None
    return say(
        "{model} is {status} ({source}): customers who have not trained it before may be refused",
        model=model,
        status=found.lifecycle or "",
        source=found.source_text,
    )
