"""Where the emulator follows the live service and not its published description.

Each is a change to Microsoft's file before an answer is held to it, with what was seen and where.
docs/emulator.md prints the list; a test compares.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.contract import specs

_Spec = dict[str, Any]
_ACCOUNT = (
    "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.CognitiveServices"
    "/accounts/{account}"
)


@dataclass(frozen=True)
class Difference:
    """`source`: a key of specs.SOURCES; `seen`: where the live service was seen to do so."""

    source: str
    what: str
    seen: str
    change: Callable[[_Spec], None]


def _null(definition: str, *names: str) -> Callable[[_Spec], None]:
    """These properties may be null."""

    def change(spec: _Spec) -> None:
        there = spec.get("definitions") or spec["components"]["schemas"]
        properties = there[definition]["properties"]
        for name in names:
            one = properties[name]
            kind = "x-nullable" if "definitions" in spec else "nullable"
            properties[name] = {**({"allOf": [one]} if "$ref" in one else one), kind: True}

    return change


def _also(definition: str, name: str | None, *values: str) -> Callable[[_Spec], None]:
    """The property, or the definition itself, has these values too."""

    def change(spec: _Spec) -> None:
        there = spec.get("definitions") or spec["components"]["schemas"]
        one = there[definition] if name is None else there[definition]["properties"][name]
        one["enum"] = [*one["enum"], *values]

    return change


def _null_type_of_v1_errors(spec: _Spec) -> None:
    error = spec["components"]["schemas"]["AzureErrorResponse"]["properties"]["error"]
    error["properties"]["type"].update(nullable=True, enum=["error", None])


def _stream(spec: _Spec) -> None:
    for operations in spec["paths"].values():
        operations["post"]["responses"]["200"]["content"]["text/event-stream"] = {}


_PAUSED = ("pausing", "paused", "resuming")
_TUTORIAL = "the answer in Microsoft's fine-tuning tutorial"
_NOTEBOOKS = "outputs in Microsoft's fine-tuning notebooks"
_RECORDED = "a recorded answer of the content filter, 2026-02"

DIFFERENCES = (
    Difference(
        "dated",
        "A job has null for what it has not got yet: `error`, `fine_tuned_model`, `finished_at`,"
        " `result_files`, `trained_tokens`, `estimated_finish`.",
        _TUTORIAL,
        _null(
            "FineTuningJob",
            *("error", "fine_tuned_model", "finished_at"),
            *("result_files", "trained_tokens", "estimated_finish"),
        ),
    ),
    Difference(
        "dated",
        "A job without a validation file has null for `validation_file`.",
        _NOTEBOOKS,
        _null("FineTuningJob", "validation_file"),
    ),
    Difference(
        "dated",
        "A job that was paused is `pausing`, `paused`, then `resuming`, to older versions as well.",
        "the dated file of 2025-04-01-preview; what older ones are told is not known",
        _also("FineTuningState", None, *_PAUSED),
    ),
    Difference(
        "v1",
        "A job is `pending` before it runs, not `validating_files` or `queued`.",
        _NOTEBOOKS,
        _also("OpenAI.FineTuningJob", "status", "pending"),
    ),
    Difference(
        "v1",
        "A job that was paused is `pausing`, `paused`, then `resuming`.",
        "the dated file of 2025-04-01-preview, and Microsoft's page on pausing",
        _also("OpenAI.FineTuningJob", "status", *_PAUSED),
    ),
    Difference(
        "v1",
        "A job's `organization_id` is null, and so are its `result_files` until it has some.",
        _NOTEBOOKS,
        _null("OpenAI.FineTuningJob", "organization_id", "result_files"),
    ),
    Difference(
        "v1",
        "An event's level is `warning`, not `warn`.",
        "the dated files, and the notebooks",
        _also("OpenAI.FineTuningJobEvent", "level", "warning"),
    ),
    Difference(
        "chat",
        "With `stream` the answer is `text/event-stream`.",
        "Microsoft's reference of the request, and OpenAI's clients",
        _stream,
    ),
    Difference(
        "chat",
        "A refusal of the content filter has null for `type`, and says `innererror` with a"
        " `content_filter_result`, not `inner_error` with `content_filter_results`.",
        _RECORDED,
        _null("error", "type"),
    ),
    Difference(
        "v1",
        "A refusal of the content filter is that of the dated surface.",
        _RECORDED,
        _null_type_of_v1_errors,
    ),
)

# Routes that no published file has: why they are there all the same.
UNSPECIFIED = {
    ("DELETE", "/openai/v1/fine_tuning/jobs/{job_id}"): (
        "As on the dated surface; whether the live service has it is not known."
    ),
    ("GET", f"{_ACCOUNT}/providers/Microsoft.Authorization/permissions"): (
        "Resource Manager's own, of another file."
    ),
    ("GET", "/msi/token"): "App Service's managed identity, as azure-identity asks for it.",
}
OWN = "/_emulator/"  # below it, nothing is Azure's


def live(name: str, without: Difference | None = None) -> _Spec:
    """A file as the live service is; `without`: as if it were not so in this one respect."""
    spec = deepcopy(specs.load(name))
    for one in DIFFERENCES:
        if one.source == name and one is not without:
            one.change(spec)
    return spec
