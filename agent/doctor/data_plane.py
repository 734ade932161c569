"""Looks at the data plane: reached and let in, clock, API version, model, jobs, files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from agent.doctor.lines import Line, failed, ok, skipped, warning
from agent.doctor.patient import Patient
from agent.doctor.reading import items_of
from agent.providers.looks import Looks, Seen
from agent.settings.clouds import FOUNDRY_SCOPE, cloud_of
from states.errors import AfinadorError
from states.text import Text, say

SKEW = 300.0  # seconds: from there on Entra ID takes no token for good
LITTLE_SKEW = 60.0
# Microsoft Learn, "Azure OpenAI quotas and limits", 2026-02-17: for each resource.
MOST_RUNNING, MOST_QUEUED = 3, 20
MOST_FILES, MOST_BYTES = 100, 10**9
OVER = ("succeeded", "failed", "cancelled", "canceled")
RUNNING = ("running", "pausing", "paused", "resuming")
PAGE = 100
SOON = 60  # days: so long before its end a model is warned of


def check_service(patient: Patient, looks: Looks) -> Iterator[Line]:
    """All of it; where nobody answers, or lets us in, the rest is skipped."""
    refusal = looks.token()
    seen = looks.data("/models") if refusal is None else looks.unknown("/models")
    if seen.status == 0:
        yield failed("endpoint", _text_of(seen.problem))
        yield from _skip(say("nobody answers"), "clock", "login", *LATER)
        return
    yield ok("endpoint", say("{url} answers", url=looks.url))
    yield _check_clock(patient, seen)
    if refusal is not None:
        yield failed("login", refusal.text)
        yield from _skip(say("there is no token"), *LATER)
        return
    if seen.status in (401, 403):
        yield _explain_refusal(patient, looks, seen)
        yield from _skip(say("the service lets nobody in"), *LATER)
        return
    if seen.problem is not None and seen.status not in (400, 404):
        yield warning("login", seen.problem.text)
        yield from _skip(say("the service gave no answer that tells"), *LATER)
        return
    kind = say("the token of Entra ID") if patient.settings.uses_entra else say("the key")
    yield ok("login", say("{kind} is accepted", kind=kind))
    yield _check_version(patient, seen)
    yield from _check_model(patient, seen)
    yield _check_jobs(looks.data(f"/fine_tuning/jobs?limit={PAGE}"))
    yield _check_files(patient, looks.data("/files"))


LATER = ("api_version", "model", "jobs", "files")


def _skip(why: Text, *names: str) -> Iterator[Line]:
    for name in names:
        yield skipped(name, why)


def _explain_refusal(patient: Patient, looks: Looks, seen: Seen) -> Line:
    """What the service says; and the scope that it would take, where that is known."""
    settings = patient.settings
    usual = cloud_of(settings.endpoint).scope
    is_token = seen.status == 401 and settings.uses_entra
    for other in (usual, FOUNDRY_SCOPE) if is_token else ():
        if other != settings.scope and looks.data_with_scope("/models", other).problem is None:
            advice = say("Set AZURE_OPENAI_SCOPE={scope}: such a token is accepted.", scope=other)
            return failed("login", _text_of(seen.problem), advice)
    return failed("login", _text_of(seen.problem))


def _check_clock(patient: Patient, seen: Seen) -> Line:
    if seen.date is None:
        return skipped("clock", say("the service does not tell the time"))
    ahead = patient.now() - seen.date
    text = say("{seconds} s from the service's", seconds=f"{ahead:+.0f}")
    advice = say("Set this machine's clock, by NTP say: tokens and certificates depend on it.")
    if abs(ahead) > SKEW and patient.settings.uses_entra:
        return failed("clock", text, advice)
    return warning("clock", text, advice) if abs(ahead) > LITTLE_SKEW else ok("clock", text)


def _check_version(patient: Patient, seen: Seen) -> Line:
    version = patient.settings.api_version
    if seen.problem is None:
        return ok("api_version", say("{version} is known", version=version))
    return failed(
        "api_version",
        _text_of(seen.problem),
        say("Check AZURE_OPENAI_VERSION ({version}), or set it to v1.", version=version),
    )


def _check_model(patient: Patient, seen: Seen) -> Iterator[Line]:
    """By what the service tells of the model; else by the catalogue."""
    name = patient.base_model
    found = next((one for one in items_of(seen.body, "data") if one.get("id") == name), None)
    if seen.problem is not None:
        yield skipped("model", say("the list of models cannot be read"))
    elif found is None:
        yield warning(
            "model",
            say("{model} is not in the list of this resource", model=name),
            say("Set an AZURE_OPENAI_MODEL that the portal offers for fine-tuning here."),
        )
    else:
        yield _judge_model(patient, name, found)


def _judge_model(patient: Patient, name: str, found: Mapping[str, Any]) -> Line:
    abilities = found.get("capabilities")
    can = abilities.get("fine_tune") if isinstance(abilities, Mapping) else None
    if can is False:
        # The list says so of some that can be: Microsoft's own skill warns of it.
        return warning(
            "model",
            say("the list says that {model} cannot be fine-tuned here", model=name),
            say("Set an AZURE_OPENAI_MODEL that the portal offers for fine-tuning here."),
        )
    ends = found.get("deprecation")
    end = _to_day(ends.get("fine_tune")) if isinstance(ends, Mapping) else None
    source = say("the service")
    if end is None:
        end = patient.catalog.service["models"].get(name, {}).get("fine_tuning_ends")
        source = say("this program's catalogue")
    return judge_end("model", name, end, source, patient.now())


def judge_end(name: str, model: str, end: object, source: Text, now: float) -> Line:
    """`end`: the day from which on it cannot be trained, by that source; no date: unknown."""
    if not isinstance(end, date):
        return ok(name, say("{model} is there; nobody says until when", model=model))
    left = (end - datetime.fromtimestamp(now, UTC).date()).days
    text = say(
        "{model} can be trained until {day}, by {source}", model=model, day=str(end), source=source
    )
    advice = say("Plan the change to another AZURE_OPENAI_MODEL.")
    return warning(name, text, advice) if left < SOON else ok(name, text)


def _check_jobs(seen: Seen) -> Line:
    if seen.problem is not None:
        return failed("jobs", _text_of(seen.problem))
    states = [str(one.get("status")).lower() for one in items_of(seen.body, "data")]
    running = sum(state in RUNNING for state in states)
    queued = sum(state not in OVER for state in states) - running
    text = say(
        "{running} of {most_running} run, {queued} of {most_queued} wait",
        running=running,
        most_running=MOST_RUNNING,
        queued=queued,
        most_queued=MOST_QUEUED,
    )
    if queued >= MOST_QUEUED:
        return failed("jobs", text, say("Wait, or cancel a job that is no longer needed."))
    if running >= MOST_RUNNING:
        return warning("jobs", text, say("A new training will wait for one of them."))
    return ok("jobs", text)


def _check_files(patient: Patient, seen: Seen) -> Line:
    if seen.problem is not None:
        return failed("files", _text_of(seen.problem))
    files = items_of(seen.body, "data")
    sizes = [one.get("bytes") for one in files]
    size = sum(one for one in sizes if isinstance(one, int) and one > 0)
    text = say(
        "{count} of {most} files, {megabytes} of {most_megabytes} MB",
        count=len(files),
        most=MOST_FILES,
        megabytes=f"{size / 1e6:.0f}",
        most_megabytes=f"{MOST_BYTES / 1e6:.0f}",
    )
    advice = say("Delete files that are no longer needed: a training uploads two.")
    if len(files) > MOST_FILES - 2 or size >= MOST_BYTES:
        return failed("files", text, advice)
    return warning("files", text, advice) if len(files) > MOST_FILES - 10 else ok("files", text)


def _to_day(value: object) -> date | None:
    """Of unix seconds; None for anything that is no moment of these centuries."""
    if isinstance(value, int | float) and 0 < value < 10**11:
        return datetime.fromtimestamp(value, UTC).date()
    return None


def _text_of(problem: AfinadorError | None) -> Text:
    return say("it answered nothing that can be read") if problem is None else problem.text
