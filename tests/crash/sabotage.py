"""Deliberate breakages of the product: the proofs must notice every one of them.

Each is a patch of a public method, function or constructor argument."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openai
import pytest
from sqlalchemy import insert, update

import agent.engine.decisions
import agent.engine.mutations
import agent.providers.azure_client
import agent.settings.config
import store.files
import store.intents
import store.projects
from agent.engine.artifacts import FolderArtifacts
from agent.engine.exactly_once import ExactlyOnce, Timing
from agent.engine.mutations import Mutations
from states.errors import SettingsError
from states.places import Artifact
from states.state import Event, State
from states.store_port import VOIDED, Instant, Pause
from store.engine import writing
from store.projects import checkpoint_row, moved_row, update_guarded
from store.rows import intent_of
from store.schema import checkpoints, effects, projects
from store.sql import SqlMemory, SqlStore
from tests.crash import test_boundaries, test_fates, test_meetings, test_sockets
from tests.crash.objects import TIMEOUT
from tests.crash.proofs import lives, meetings

Patch = pytest.MonkeyPatch


# The proofs ---------------------------------------------------------------------------------------


def settings_refuse_a_short_settle() -> int:
    """`settle > time-out + listing lag`, or the program does not start."""
    base = {"AGENT_PROVIDER": "emulator", "AGENT_ENV_FILE": "/dev/null"}
    pairs = [("5", "0", "5"), ("5", "3", "8"), ("30", "60", "90"), ("0.5", "0", "0.4")]
    for timeout, lag, settle in pairs:
        durations = {
            "AGENT_REQUEST_TIMEOUT_SECONDS": timeout,
            "AGENT_LISTING_LAG_SECONDS": lag,
            "AGENT_SETTLE_SECONDS": settle,
        }
        try:
            agent.settings.config.load({**base, **durations})
        except SettingsError as refusal:
            assert "AGENT_SETTLE_SECONDS" in str(refusal)
        else:
            raise AssertionError(f"accepted: settle {settle} with time-out {timeout} and lag {lag}")
    return len(pairs)


def _mute(_line: str, **_counted: int) -> None:
    """What a test that is to fail has to tell."""


def _named(
    test: Callable[..., None], *given: Any, variant: str = ""
) -> tuple[str, Callable[[], object]]:
    return f"{test.__module__.rpartition('.')[2]}.py::{test.__name__}{variant}", lambda: test(
        *given, _mute
    )


# Each is the named test itself, with parameters with which `make test` runs it.
PROOFS: dict[str, Callable[[], object]] = dict(
    [
        _named(
            test_boundaries.test_a_crash_at_every_boundary_changes_nothing, test_boundaries.STRIDE
        ),
        _named(
            test_boundaries.test_a_power_cut_at_every_boundary_changes_nothing,
            test_boundaries.STRIDE,
        ),
        _named(
            test_boundaries.test_a_crash_at_every_boundary_of_a_cancellation_leaves_nothing,
            State.AWAITING_DEPLOY,
            test_boundaries.STRIDE,
        ),
        _named(test_fates.test_every_fate_of_a_request_ends_in_one, "create_job"),
        _named(test_fates.test_every_pair_of_fates_ends_in_one, "create_job", test_fates.STRIDE),
        _named(test_fates.test_a_clock_set_by_a_day_makes_nothing_happen_twice),
        _named(test_fates.test_a_connection_that_takes_long_makes_nothing_happen_twice),
        _named(test_fates.test_what_an_edited_file_says_is_never_trained_unchecked),
        _named(test_fates.test_a_new_generation_sends_nothing_that_is_still_under_way, None),
        _named(test_fates.test_a_new_generation_leaves_nothing_of_the_old_one, None),
        _named(
            test_meetings.test_an_agent_stopped_at_every_boundary_finds_things_done,
            *(meetings.another_agent, lives.all_once, test_meetings.STRIDE),
            variant="[another_agent]",
        ),
        _named(
            test_meetings.test_an_agent_stopped_at_every_boundary_finds_things_done,
            *(meetings.another_agent_that_dies, lives.all_once, test_meetings.STRIDE),
            variant="[another_agent_that_dies]",
        ),
        _named(test_meetings.test_an_agent_that_wakes_late_begins_nothing_in_what_was_given_up, 2),
        _named(test_sockets.test_a_lost_reply_makes_nobody_send_again),
        ("test_sabotage.py::test_settings_refuse_a_short_settle", settings_refuse_a_short_settle),
    ]
)


# The breakages ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sabotage:
    """`what` is broken by `breaks`; `proof` (the beginning of a name in PROOFS) must notice."""

    what: str
    breaks: Callable[[Patch], None]
    proof: str


def skip_the_look_up(patch: Patch) -> None:
    patch.setattr(ExactlyOnce, "look_up", lambda self, kind, find: None)


def stamp_not_renewed(patch: Patch) -> None:
    claim, set_last_sent_at = SqlStore.claim, SqlStore.set_last_sent_at

    def claim_(self: SqlStore, project: Any, intent: Any, at: Any) -> Any:
        won = claim(self, project, intent, intent.last_sent_at or at)
        return won and replace(won, last_sent_at=at)

    def set_(self: SqlStore, intent: Any, at: Any, count: int = 0) -> Any:
        won = set_last_sent_at(self, intent, at and (intent.last_sent_at or at), count)
        return won and replace(won, last_sent_at=at)

    patch.setattr(SqlStore, "claim", claim_)
    patch.setattr(SqlStore, "set_last_sent_at", set_)


def settle_from_the_first_attempt(patch: Patch) -> None:
    def read(row: Any) -> Any:
        found = intent_of(row)
        return replace(
            found, last_sent_at=found.last_sent_at and Instant(row.opened_at, None, None)
        )

    patch.setattr(store.intents, "intent_of", read)


def settle_to_now_and_not_to_the_look(patch: Patch) -> None:
    honest, honest_init = ExactlyOnce.wait_to_settle, ExactlyOnce.__init__

    def init(self: ExactlyOnce, project: Any, kept: Any, timing: Timing, clock: Any) -> None:
        honest_init(self, project, kept, timing, clock)
        self.now = clock  # type: ignore[attr-defined]

    patch.setattr(ExactlyOnce, "__init__", init)
    patch.setattr(
        ExactlyOnce,
        "wait_to_settle",
        lambda self, intent, looked_at: honest(self, intent, self.now()),
    )


def settle_from_the_beginning_of_a_long_request(patch: Patch) -> None:
    honest = SqlStore.set_last_sent_at

    def set_last_sent_at(self: SqlStore, intent: Any, at: Any, count: int = 0) -> Any:
        return honest(self, intent, at and intent.last_sent_at, count)

    patch.setattr(SqlStore, "set_last_sent_at", set_last_sent_at)


def an_unclear_answer_counts_as_a_refusal(patch: Patch) -> None:
    honest = SqlStore.set_last_sent_at
    patch.setattr(
        SqlStore,
        "set_last_sent_at",
        lambda self, intent, _at, count=0: honest(self, intent, None, count),
    )


def random_keys(patch: Patch) -> None:
    patch.setattr(ExactlyOnce, "key_of", lambda self, kind: f"{kind}-{secrets.token_hex(4)}")
    patch.setattr(
        agent.engine.mutations,
        "job_suffix",
        lambda project: f"x{secrets.token_hex(4)}g{project.generation}",
    )


def no_version_guard(patch: Patch) -> None:
    def unguarded(connection: Any, project: Any, changed: Any) -> None:
        connection.execute(
            update(projects).where(projects.c.name == project.name).values(**changed)
        )

    patch.setattr(store.projects, "update_guarded", unguarded)


def row_and_checkpoint_in_two_transactions(patch: Patch) -> None:
    def move(self: SqlStore, project: Any, move: Any, now: float) -> Any:
        with writing(self.engine) as connection:
            update_guarded(connection, project, moved_row(project, move, now))
        with writing(self.engine) as connection:
            connection.execute(insert(checkpoints).values(**checkpoint_row(project, move, now)))
        return self.load(project.name)

    patch.setattr(SqlStore, "move", move)


def receipts_dropped_and_no_look_up(patch: Patch) -> None:
    patch.setattr(SqlStore, "receive", lambda self, key, receipt, now: None)
    skip_the_look_up(patch)


def sdk_retries_on(patch: Patch) -> None:
    honest = agent.providers.azure_client.open_client

    def eager(endpoint: Any) -> openai.OpenAI:
        client = honest(endpoint)
        client.max_retries = 2
        return client

    patch.setattr(agent.providers.azure_client, "open_client", eager)


def rename_without_fsync(patch: Patch) -> None:
    def replaced(path: Path, content: bytes) -> None:
        handle, name = store.files.tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".part", dir=path.parent
        )
        with store.files.os.fdopen(handle, "wb") as file:
            file.write(content)
        store.files.Path(name).replace(path)

    patch.setattr(store.files, "replace_file", replaced)


def no_atomic_rename(patch: Patch) -> None:
    def replaced(path: Path, content: bytes) -> None:
        os = store.files.os
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    patch.setattr(store.files, "replace_file", replaced)


def hold_ignored(patch: Patch) -> None:
    honest = SqlStore.move

    def move(self: SqlStore, project: Any, move: Any, now: float) -> Any:
        if move.event is not Event.HELD:
            return honest(self, project, move, now)
        return self.pause(project, Pause(now + 1, None, 0, move.hold))

    patch.setattr(SqlStore, "move", move)


def last_look_left_out(patch: Patch) -> None:
    honest = ExactlyOnce.ensure
    patch.setattr(
        ExactlyOnce,
        "ensure",
        lambda self, mutation: honest(self, replace(mutation, last_look=lambda: None)),
    )


def digest_not_checked(patch: Patch) -> None:
    def load(self: FolderArtifacts, artifact: Artifact) -> bytes:
        found = self.find(artifact)
        return self.recorded(artifact) if found is None else found

    patch.setattr(FolderArtifacts, "load", load)


def short_settle_allowed(patch: Patch) -> None:
    patch.setattr(agent.settings.config, "check_settle", lambda reader, settle, unseen: None)


def short_settle_used(patch: Patch) -> None:
    honest = ExactlyOnce.__init__

    def init(self: ExactlyOnce, project: Any, kept: Any, timing: Timing, clock: Any) -> None:
        honest(self, project, kept, replace(timing, settle=TIMEOUT * 0.5), clock)

    patch.setattr(ExactlyOnce, "__init__", init)


def sent_however_late(patch: Patch) -> None:
    patch.setattr(ExactlyOnce, "time_to_send", lambda self, intent: lambda: float("inf"))


def compare_and_swap_always_wins(patch: Patch) -> None:
    patch.setattr(store.intents, "is_unchanged", lambda intent: (effects.c.key == intent.key,))


def answers_not_kept(patch: Patch) -> None:
    patch.setattr(SqlMemory, "keep_answer", lambda self, model, digest, answer: None)


def wall_clock_only(patch: Patch) -> None:
    patch.setattr(Instant, "seconds_since", lambda self, earlier: self.wall - earlier.wall)


def called_off_in_two_steps(patch: Patch) -> None:
    def void(self: SqlStore, _project: Any, intent: Any, now: float) -> bool:
        if self.set_last_sent_at(intent, None) is None:
            return False
        self.receive(intent.key, VOIDED, now)
        return True

    patch.setattr(SqlStore, "void", void)


def a_new_generation_forgets_what_is_under_way(patch: Patch) -> None:
    patch.setattr(store.intents, "supersede_predecessors", lambda connection, row: None)


def an_old_generation_is_left_alone(patch: Patch) -> None:
    patch.setattr(agent.engine.decisions, "end_generation", lambda project, ports: None)


def a_listing_proves_a_deletion(patch: Patch) -> None:
    patch.setattr(
        Mutations,
        "find_replacement",
        lambda self, spec: [] if self.service.deployed_model(spec.name) else [spec.name],
    )


ALL = [
    Sabotage(
        "the look-up before sending is left out", skip_the_look_up, "test_fates.py::test_every_fate"
    ),
    Sabotage(
        "the stamp is not renewed at a second attempt",
        stamp_not_renewed,
        "test_fates.py::test_every_pair",
    ),
    Sabotage(
        "settling is counted from the first attempt",
        settle_from_the_first_attempt,
        "test_fates.py::test_every_pair",
    ),
    Sabotage(
        "settling is counted to now, not to the look",
        settle_to_now_and_not_to_the_look,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "settling is counted from the beginning of a long request",
        settle_from_the_beginning_of_a_long_request,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "an unclear answer counts as a refusal",
        an_unclear_answer_counts_as_a_refusal,
        "test_fates.py::test_every_fate",
    ),
    Sabotage(
        "the settings allow settle ≤ time-out + lag",
        short_settle_allowed,
        "test_sabotage.py::test_settings",
    ),
    Sabotage(
        "settle is shorter than the time-out", short_settle_used, "test_fates.py::test_every_fate"
    ),
    Sabotage(
        "a request is sent however late",
        sent_however_late,
        "test_fates.py::test_a_connection_that_takes_long",
    ),
    Sabotage(
        "the clock of the wall alone is believed", wall_clock_only, "test_fates.py::test_a_clock"
    ),
    Sabotage("keys are random", random_keys, "test_fates.py::test_every_fate"),
    Sabotage(
        "receipts are dropped, and no look-up",
        receipts_dropped_and_no_look_up,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage(
        "the row is moved without its version",
        no_version_guard,
        "test_meetings.py::test_an_agent_stopped_at_every_boundary_finds_things_done[another_agent]",
    ),
    Sabotage(
        "row and checkpoint in two transactions",
        row_and_checkpoint_in_two_transactions,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage(
        "the compare-and-swap is always won",
        compare_and_swap_always_wins,
        "test_meetings.py::test_an_agent_stopped_at_every_boundary_finds_things_done[another_agent_that_dies]",
    ),
    Sabotage(
        "calling off takes two steps",
        called_off_in_two_steps,
        "test_meetings.py::test_an_agent_that_wakes",
    ),
    Sabotage("the SDK retries by itself", sdk_retries_on, "test_sockets.py::test_a_lost_reply"),
    Sabotage(
        "answers are not kept",
        answers_not_kept,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage(
        "a file is renamed before it is fsynced",
        rename_without_fsync,
        "test_boundaries.py::test_a_power_cut",
    ),
    Sabotage(
        "a file is written in place",
        no_atomic_rename,
        "test_boundaries.py::test_a_crash_at_every_boundary_changes",
    ),
    Sabotage("a hold is ignored", hold_ignored, "test_fates.py::test_what_an_edited"),
    Sabotage(
        "no last look at the files before the job",
        last_look_left_out,
        "test_fates.py::test_what_an_edited",
    ),
    Sabotage(
        "the digest of a file is not checked",
        digest_not_checked,
        "test_fates.py::test_what_an_edited",
    ),
    Sabotage(
        "a new generation forgets what the old one has under way",
        a_new_generation_forgets_what_is_under_way,
        "test_fates.py::test_a_new_generation_sends",
    ),
    Sabotage(
        "an old generation is left alone at the service",
        an_old_generation_is_left_alone,
        "test_fates.py::test_a_new_generation_leaves",
    ),
    Sabotage(
        "a listing without a deployment proves its deletion",
        a_listing_proves_a_deletion,
        "test_boundaries.py::test_a_crash_at_every_boundary_of_a_cancellation",
    ),
]


def proof_of(sabotage: Sabotage) -> str:
    """The full name of the proof that must notice."""
    (name,) = [name for name in PROOFS if name == sabotage.proof] or [
        name for name in PROOFS if name.startswith(sabotage.proof)
    ]
    return name
