"""Homes on one PostgreSQL are views of it: any worker goes on with any project, and a person's
files count where they are, and once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.engine.home_view import HomeView
from agent.engine.ownership import select_projects
from agent.engine.sweep import Sweep
from agent.settings.services import Service
from states.model import Project
from states.places import Artifact
from states.state import State
from store.engine import open_engine
from store.files import write_atomically
from store.sql import SqlStore
from tests.crash.shop import EXAMPLES
from tests.postgres import GROUP, Postgres
from tests.unit.desk import Desk

pytestmark = GROUP
OTHERS = {intent: [f"{text}, por favor" for text in texts] for intent, texts in EXAMPLES.items()}


CONTOSO, FABRIKAM = (Service.named(f"{one}.openai.azure.com") for one in ("contoso", "fabrikam"))
ONE_EMULATOR, ANOTHER_EMULATOR = Service("emulator", "0000aaaa"), Service("emulator", "0000bbbb")


@pytest.fixture
def homes(postgres: Postgres, tmp_path: Path) -> Iterator[tuple[Desk, Desk]]:
    """Two machines with a home each; clock and service are one."""
    url = postgres.database()
    stores = [SqlStore(open_engine(url)) for _ in range(2)]
    for name in "ab":
        (tmp_path / name).mkdir()
    one, other = (Desk(tmp_path / n, store) for n, store in zip("ab", stores, strict=True))
    other.clock, other.cloud = one.clock, one.cloud
    yield one, other
    for store in stores:
        store.close()


def view(desk: Desk) -> HomeView:
    return HomeView(desk.home, desk.store, write_atomically)


def create(desk: Desk, examples: dict[str, list[str]] = EXAMPLES) -> Project:
    """As `new` does: the files, and then the project."""
    desk.write(Artifact.EXAMPLES, examples)
    desk.write(Artifact.CASES, [{"text": "Que haya luz", "expected": "encender"}])
    given = view(desk).given("tienda")
    return desk.store.create("tienda", "00c0ffee", "emulator", desk.clock.wall(), None, given)


def read(desk: Desk, artifact: Artifact) -> bytes:
    return (desk.home / artifact).read_bytes()


def test_another_home_goes_on_from_every_state(homes: tuple[Desk, Desk]) -> None:
    """The machine of the first is gone after each move: the other has never seen a file."""
    one, other = homes
    create(one)
    for number, state in enumerate(
        (
            State.PROMPTED,
            State.SPLIT,
            State.VALIDATED,
            State.UPLOADED,
            State.TRAINING,
            State.DEPLOYED,
            State.EVALUATED,
            State.ANALYZED,
        )
    ):
        homes[number % 2 ^ 1].go(state)
    facts = other.project().facts
    assert other.store.get_blob(facts.artifacts[Artifact.EXAMPLES]) == read(one, Artifact.EXAMPLES)
    assert other.project().generation == 1


def test_the_sentences_of_new_are_what_every_home_builds_on(homes: tuple[Desk, Desk]) -> None:
    """Not the sample, in a home that has no file."""
    one, other = homes
    create(one)
    other.go(State.PROMPTED)
    assert read(other, Artifact.EXAMPLES) == read(one, Artifact.EXAMPLES)


def test_a_project_that_run_creates_has_the_files_of_that_home(homes: tuple[Desk, Desk]) -> None:
    one, other = homes
    one.write(Artifact.EXAMPLES, EXAMPLES)
    service = Service.named("emulator")
    select_projects(one.store, None, service, one.clock.wall(), view(one).given)
    select_projects(other.store, None, service, one.clock.wall(), view(other).given)
    other.go(State.PROMPTED)
    assert read(other, Artifact.EXAMPLES) == read(one, Artifact.EXAMPLES)


def test_a_worker_that_comes_before_any_project_makes_none_without_sentences(
    homes: tuple[Desk, Desk],
) -> None:
    """It would stand there for all workers, held; a home that has sentences still begins one, and
    so does the emulator, with the shop's."""
    one, other = homes
    assert list(select_projects(one.store, None, CONTOSO, 0.0, view(one).given)) == []
    assert list(one.store.each()) == []
    one.write(Artifact.EXAMPLES, EXAMPLES)
    [made] = select_projects(one.store, None, CONTOSO, 0.0, view(one).given)
    assert (made.name, made.service) == ("tienda", CONTOSO.name)
    assert list(select_projects(other.store, None, CONTOSO, 0.0, view(other).given)) == [made]


def test_the_only_project_is_left_to_the_workers_of_its_service(homes: tuple[Desk, Desk]) -> None:
    """A worker of another service begins and waits; only by its name is it taken along."""
    one, other = homes
    made = one.store.create("una", "00c0ffee", ONE_EMULATOR.name, 0.0)
    for service in (CONTOSO, ANOTHER_EMULATOR):
        assert list(select_projects(other.store, None, service, 0.0)) == []
    assert one.store.load("una") == made
    [moved] = select_projects(other.store, "una", CONTOSO, 0.0)
    assert moved.service == CONTOSO.name
    assert list(select_projects(other.store, None, FABRIKAM, 0.0)) == []


def test_what_is_imported_at_one_home_counts_at_the_other_which_has_older_files(
    homes: tuple[Desk, Desk],
) -> None:
    """The other's view is made anew; it is not taken for an edit."""
    one, other = homes
    create(one)
    other.go(State.SPLIT)
    before = read(other, Artifact.PROMPTS)
    one.write(Artifact.EXAMPLES, OTHERS)
    one.decisions.retry("tienda", restore=False, restart=True)
    other.go(State.VALIDATED)
    assert other.project().hold is None
    assert read(other, Artifact.EXAMPLES) == read(one, Artifact.EXAMPLES)
    assert read(other, Artifact.PROMPTS) != before
    one.go(State.UPLOADED)
    assert one.project().hold is None


def test_in_draft_the_import_wins_whichever_home_ticks_first(homes: tuple[Desk, Desk]) -> None:
    one, other = homes
    create(other)  # whose files are those of a person as well
    one.write(Artifact.EXAMPLES, OTHERS)
    one.decisions.make("tienda", lambda found: view(one).plan_taking(found, 2.0))
    assert view(one).plan_taking(one.project(), 3.0) is None
    other.go(State.PROMPTED)
    assert read(other, Artifact.EXAMPLES) == read(one, Artifact.EXAMPLES)


def test_an_edit_holds_the_project_at_the_home_where_it_was_made(
    homes: tuple[Desk, Desk],
) -> None:
    """The other neither sees it nor watches it; put right there, the project goes on."""
    one, other = homes
    create(one)
    one.go(State.VALIDATED)
    content = read(one, Artifact.TRAINING)
    one.write(Artifact.TRAINING, content + content.splitlines(keepends=True)[0])
    one.go_to_hold()
    held = one.project()
    assert held.facts.edited is Artifact.TRAINING
    assert [view(desk).sees(held) for desk in homes] == [True, False]
    one.write(Artifact.TRAINING, content)
    one.look()
    assert one.project().hold is None
    other.go(State.UPLOADED)


def test_a_hold_about_a_file_of_a_lost_home_ends_by_a_command_elsewhere(
    homes: tuple[Desk, Desk],
) -> None:
    """What was recorded goes on, in the same generation: nothing is paid for anew."""
    one, other = homes
    create(one)
    one.go(State.VALIDATED)
    one.write(Artifact.TRAINING, read(one, Artifact.TRAINING) + b"\n")
    one.go_to_hold()
    view(other).renew(other.project())
    after = other.decisions.retry("tienda", restore=False, restart=False)
    assert (after.hold, after.generation) == (None, 1)
    other.go(State.UPLOADED)


def test_what_a_person_wrote_is_set_aside_and_not_lost(homes: tuple[Desk, Desk]) -> None:
    """Used once and overruled by another home's import before this home has looked again."""
    one, other = homes
    create(one)
    one.write(Artifact.EXAMPLES, OTHERS)
    assert one.ports_for(one.project()).artifacts.keep(Artifact.EXAMPLES)  # a tick that was killed
    mine = read(one, Artifact.EXAMPLES)
    assert one.ports_for(one.project()).artifacts.find(Artifact.EXAMPLES) == mine, "it still counts"
    other.write(Artifact.EXAMPLES, {**OTHERS, "tercera": [f"otra {n}" for n in range(7)]})
    other.decisions.make("tienda", lambda found: view(other).plan_taking(found, 2.0))
    one.go(State.PROMPTED)
    assert read(one, Artifact.EXAMPLES) == read(other, Artifact.EXAMPLES)
    assert (one.home / f"{Artifact.EXAMPLES}.before").read_bytes() == mine


def test_two_workers_that_are_due_at_once_pay_for_each_answer_once(
    homes: tuple[Desk, Desk],
) -> None:
    """Safe they are without a lock; but each would ask what the other is asking already."""
    create(homes[0])
    homes[0].go(State.DEPLOYED)
    service = homes[0].cloud
    service.batch, quickly = 1, service.chat

    def slowly(*question: Any) -> Any:
        time.sleep(0.1)
        return quickly(*question)

    service.chat = slowly  # type: ignore[method-assign]
    start = threading.Barrier(2)

    def work(desk: Desk) -> None:
        sweep = Sweep(desk.ticker, desk.store, desk.clock.wall)
        start.wait()
        sweep.advance("tienda")

    threads = [threading.Thread(target=work, args=(desk,)) for desk in homes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = [act.subject for act in service.ledger if act.kind == "chat"]
    assert asked
    assert len(set(asked)) == len(asked)
    assert homes[0].project().state is State.ANALYZED
