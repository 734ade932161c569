"""A person edits, links or deletes a file: what is held, kept, put back or made again."""

from __future__ import annotations

import pytest

from states.state import State
from tests.unit.desk import Desk


@pytest.mark.parametrize("place", ["data/raw/intent_examples.json", "data/raw"])
def test_a_link_to_nothing_is_not_taken_for_no_file(desk: Desk, place: str) -> None:
    """A share that is not mounted: the starter's examples are not put there, and it goes on once
    the share is back.
    """
    link, target = desk.home / place, desk.home / "share"
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target)
    desk.store.create("tienda", "00c0ffee", "emulator", desk.clock.wall())
    held = desk.tick().after
    assert str(target) in str(held.hold)
    assert held.due_at is not None
    assert not target.exists()
    if place.endswith(".json"):
        target.write_bytes(desk.catalog.starter_examples)
    else:
        target.mkdir()
    desk.look()
    assert desk.go(State.PROMPTED)


TRAINING = "data/training/train_data.jsonl"


@pytest.mark.parametrize(
    "place",
    [TRAINING, "data/validation/validation_data.jsonl", "data/processed/training_prompts.jsonl"],
)
def test_an_edited_file_is_held_and_can_be_put_back(desk: Desk, place: str) -> None:
    """`retry --restore`: the bytes that were checked, and on."""
    desk.go(State.PROMPTED if "prompts" in place else State.VALIDATED)
    before = (desk.home / place).read_bytes()
    desk.write(place, before + b"\n")
    held = desk.tick().after
    assert place in str(held.hold)
    desk.decisions.retry("tienda", restore=True, restart=False)
    assert (desk.home / place).read_bytes() == before
    desk.go(State.ANALYZED)
    assert desk.project().generation == 1


def test_an_edited_file_can_be_kept(desk: Desk) -> None:
    """`retry`: it is what counts from now on, and is checked anew; the person's bytes are what is
    uploaded.
    """
    desk.go(State.VALIDATED)
    lines = (desk.home / TRAINING).read_bytes().splitlines(keepends=True)
    desk.write(TRAINING, b"".join(lines[:-1]))
    assert desk.tick().after.hold is not None
    project = desk.decisions.retry("tienda", restore=False, restart=False)
    assert (project.state, project.generation) == (State.SPLIT, 2)
    desk.go(State.ANALYZED)
    assert b"".join(lines[:-1]) in [file.content for file in desk.cloud.files.values()]


def test_an_edit_in_the_last_moment_stops_the_payment(desk: Desk) -> None:
    """The owner of the file wants something else trained than what was uploaded."""
    desk.go(State.UPLOADED)
    desk.write(TRAINING, b"{}")
    assert desk.tick().after.hold is not None
    assert desk.cloud.jobs == {}


def test_a_deleted_file_is_put_back_without_a_word(desk: Desk) -> None:
    """It is no decision of anybody's; the store has it."""
    desk.go(State.VALIDATED)
    (desk.home / TRAINING).unlink()
    desk.go(State.ANALYZED)
    assert (desk.home / TRAINING).is_file()
