"""In results/: what is reached without a training, and who could not be asked.

result_content.py and result_evaluation.py put it beside the figures.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agent.views.language import Translate
from states.evaluation.left_out import LeftOut
from states.evaluation.weighing import Weighing


def render_weighing(weighing: Weighing | None, translate: Translate) -> dict[str, Any] | None:
    """The form in results/fine_tuning_info.json; None where nothing was weighed."""
    if weighing is None:
        return None
    return {
        "text": None if weighing.text is None else translate(weighing.text),
        "reached": [one.as_json() for one in weighing.reached],
        "left_out": render_left_out(weighing.left_out, translate),
        "target": weighing.target,
    }


def render_left_out(left_out: Iterable[LeftOut], translate: Translate) -> list[dict[str, Any]]:
    return [
        {"kind": one.kind, "name": one.name, "reason": translate(one.reason)} for one in left_out
    ]
