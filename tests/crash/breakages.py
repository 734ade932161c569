"""Deliberate breakages of what makes an effect happen once, each as a small patch of a public seam.

sabotage.py lists them, and which proof must notice each.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest
from sqlalchemy import bindparam, update

import agent.engine.decisions
import agent.engine.mutations
import agent.providers.azure_client
import agent.providers.error_answer
import agent.providers.network
import agent.providers.refusals
import agent.settings.addresses
import agent.settings.config
import agent.settings.environment
import agent.settings.services
import store.files
import store.intents
import store.projects
from agent.engine.exactly_once import ExactlyOnce, Timing
from agent.engine.mutations import Mutations
from states.state import Event
from states.store_port import VOIDED, Instant, Pause
from store.engine import writing
from store.moves import ADD_CHECKPOINT, checkpoint_row, moved_row, update_guarded
from store.prepared import Prepared
from store.rows import intent_of
from store.schema import effects, projects
from store.sql import SqlMemory, SqlStore
from tests.fake_objects import TIMEOUT

Patch = pytest.MonkeyPatch


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
    def unguarded(connection: Any, project: Any, changed: Any) -> Any:
        query = update(projects).where(projects.c.name == bindparam("_name"))
        values = {name: bindparam(name) for name in changed}
        write = Prepared(query.values(values).returning(projects.c.facts))
        return write.run(connection, {**changed, "_name": project.name}).scalar_one()

    patch.setattr(store.projects, "update_guarded", unguarded)


def row_and_checkpoint_in_two_transactions(patch: Patch) -> None:
    def move(self: SqlStore, project: Any, move: Any, now: float) -> Any:
        row = moved_row(project, move, now)
        with writing(self.engine) as connection:
            update_guarded(connection, project, row)
        with writing(self.engine) as connection:
            ADD_CHECKPOINT.run(connection, checkpoint_row(project, move, now, row))
        return self.load(project.name)

    patch.setattr(SqlStore, "move", move)


def receipts_dropped_and_no_look_up(patch: Patch) -> None:
    patch.setattr(SqlStore, "receive", lambda self, key, receipt, now: None)
    skip_the_look_up(patch)


def sdk_retries_on(patch: Patch) -> None:
    honest = agent.providers.azure_client.open_client

    def eager(endpoint: Any, http: Any) -> openai.OpenAI:
        client = honest(endpoint, http)
        client.max_retries = 2
        return client

    patch.setattr(agent.providers.azure_client, "open_client", eager)


def rename_without_fsync(patch: Patch) -> None:
    def replaced(path: Path, content: bytes | Iterable[bytes]) -> None:
        handle, name = store.files.tempfile.mkstemp(
            prefix=f".{path.name}.", suffix=".part", dir=path.parent
        )
        with store.files.os.fdopen(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else b"".join(content))
        store.files.Path(name).replace(path)

    patch.setattr(store.files, "replace_file", replaced)


def no_atomic_rename(patch: Patch) -> None:
    def replaced(path: Path, content: bytes | Iterable[bytes]) -> None:
        os = store.files.os
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content if isinstance(content, bytes) else b"".join(content))

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
    patch.setattr(SqlMemory, "keep_answers", lambda self, model, answers: None)


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
