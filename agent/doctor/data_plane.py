"""Looks at the data plane: reached and let in, clock, API version, model, jobs, files."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from agent.doctor.lines import Line, failed, ok, skipped, warning
from agent.doctor.patient import Patient
from agent.doctor.reading import items_of
from agent.providers.base_models import find_model, from_data_plane
from agent.providers.looks import Looks, Seen
from agent.settings.clouds import FOUNDRY_SCOPE, cloud_of
from states.bases.lifetime import days_left
from states.bases.table import OPENAI, find_entry, format_of, known_names, suggest
from states.errors import AfinadorError
from states.remote import RemoteModel
from states.text import Text, say

SKEW = 300.0  # seconds: from there on Entra ID takes no token for good
LITTLE_SKEW = 60.0
OVER = ("succeeded", "failed", "cancelled", "canceled")
RUNNING = ("running", "pausing", "paused", "resuming")
PAGE, MOST_PAGES = 100, 20  # a resource holds at most 500 jobs, finished ones with them
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
    yield _check_jobs(patient, looks)
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
    found = find_model(name, list(map(from_data_plane, items_of(seen.body, "data"))))
    if seen.problem is not None:
        yield skipped("model", say("the list of models cannot be read"))
    elif found is None or not found.is_listed:
        yield warning(
            "model",
            say(
                "{model} is not in the list of this resource",
                model=suggest(name, known_names(patient.catalog.service)),
            ),
            say("Set an AZURE_OPENAI_MODEL that the portal offers for fine-tuning here."),
        )
    else:
        yield _judge_model(patient, found)


def _judge_model(patient: Patient, found: RemoteModel) -> Line:
    entry = find_entry(patient.catalog.service, found.name)
    if found.can_train is False:
        # The list says so of some that can be: Microsoft's own skill warns of it.
        advice = say("Set an AZURE_OPENAI_MODEL that the portal offers for fine-tuning here.")
        if format_of(entry) != OPENAI:
            advice = say(
                "unverified: the service's list denies it, as it does of open weights it trains"
            )
        told = say("the list says that {model} cannot be fine-tuned here", model=found.name)
        return warning("model", told, advice)
    end, source = found.training_ends, say("the service")
    if end is None:
        known = entry.get("fine_tuning_ends")
        end, source = known and str(known), say("this program's catalogue")
    return judge_end("model", found.name, end, source, patient.now())


def judge_end(name: str, model: str, end: str | None, source: Text, now: float) -> Line:
    """`end`: the day, ISO, from which on it cannot be trained, by that source; None: unknown."""
    left = days_left(end, now)
    if end is None or left is None:
        return ok(name, say("{model} is there; nobody says until when", model=model))
    text = say(
        "{model} can be trained until {day}, by {source}", model=model, day=end, source=source
    )
    advice = say("Plan the change to another AZURE_OPENAI_MODEL.")
    return warning(name, text, advice) if left < SOON else ok(name, text)


def _check_jobs(patient: Patient, looks: Looks) -> Line:
    """Over all pages: the newest first, so that one that runs may stand on any of them."""
    states: list[str] = []
    after, is_whole = "", False
    for _ in range(MOST_PAGES):
        seen = looks.data(f"/fine_tuning/jobs?limit={PAGE}{after}")
        if seen.problem is not None:
            return failed("jobs", _text_of(seen.problem))
        page = items_of(seen.body, "data")
        states += [str(one.get("status")).lower() for one in page]
        last = str(page[-1].get("id") or "") if page else ""
        is_whole = seen.body.get("has_more") is not True or not last
        if is_whole:
            break
        after = f"&after={quote(last, safe='')}"
    limits = patient.catalog.service["limits"]
    most_running, most_queued = limits["running_jobs"]["value"], limits["queued_jobs"]["value"]
    running = sum(state in RUNNING for state in states)
    queued = sum(state not in OVER for state in states) - running
    return _judge_jobs(running, queued, most_running, most_queued, is_whole=is_whole)


def _judge_jobs(
    running: int, queued: int, most_running: int, most_queued: int, *, is_whole: bool
) -> Line:
    text = say(
        "{running} of {most_running} run, {queued} of {most_queued} wait",
        running=running,
        most_running=most_running,
        queued=queued,
        most_queued=most_queued,
    )
    if queued >= most_queued:
        return failed("jobs", text, say("Wait, or cancel a job that is no longer needed."))
    if not is_whole:
        return warning("jobs", text, say("The list of jobs has no end, so there may be more."))
    if running >= most_running:
        return warning("jobs", text, say("A new training will wait for one of them."))
    return ok("jobs", text)


def _check_files(patient: Patient, seen: Seen) -> Line:
    if seen.problem is not None:
        return failed("files", _text_of(seen.problem))
    limits, files = patient.catalog.service["limits"], items_of(seen.body, "data")
    most, most_bytes = limits["files"]["value"], limits["file_bytes_in_all"]["value"]
    sizes = [one.get("bytes") for one in files]
    size = sum(one for one in sizes if isinstance(one, int) and one > 0)
    text = say(
        "{count} of {most} files, {megabytes} of {most_megabytes} MB",
        count=len(files),
        most=most,
        megabytes=f"{size / 1e6:.0f}",
        most_megabytes=f"{most_bytes / 1e6:.0f}",
    )
    advice = say("Delete files that are no longer needed (`cleanup`): a training uploads two.")
    if len(files) > most - 2 or size >= most_bytes:
        return failed("files", text, advice)
    return warning("files", text, advice) if len(files) > most - 10 else ok("files", text)


def _text_of(problem: AfinadorError | None) -> Text:
    return say("it answered nothing that can be read") if problem is None else problem.text
