"""What a check of the data finds, and where in a person's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from states.text import Text


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
