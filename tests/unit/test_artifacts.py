"""The files of a project: what is used of them is what was recorded, however large they are."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from agent.engine import artifacts as engine_artifacts
from agent.engine.artifacts import FolderArtifacts
from states.errors import FileEdited, NeedsOperator
from states.places import Artifact
from states.ports import Artifacts
from store.blobs import PIECE
from store.files import write_atomically
from tests.unit.desk import Desk

LARGE = random.Random(1).randbytes(2 * PIECE + 9)
PROMPTS = Artifact.PROMPTS


def artifacts_of(desk: Desk, **digests: str) -> Artifacts:
    """Those of a project that recorded these."""
    project = desk.create()
    recorded = {Artifact[name]: sha256 for name, sha256 in digests.items()}
    project = replace(project, facts=replace(project.facts, artifacts=recorded))
    return FolderArtifacts(desk.home, desk.store, write_atomically, project)


def recorded(desk: Desk, content: bytes = LARGE) -> Artifacts:
    return artifacts_of(desk, PROMPTS=artifacts_of(desk).save_pieces(PROMPTS, [content]))


def test_a_large_file_is_saved_and_loaded_in_pieces(desk: Desk) -> None:
    """The file holds it, and so does the store; no piece is large."""
    artifacts = recorded(desk)
    assert (desk.home / PROMPTS).read_bytes() == LARGE == artifacts.load(PROMPTS)
    pieces = list(artifacts.load_pieces(PROMPTS))
    assert b"".join(pieces) == LARGE
    assert max(len(piece) for piece in pieces) <= PIECE


def test_what_is_saved_again_leaves_the_file_alone(desk: Desk) -> None:
    """Nothing is written where the file is that already."""
    artifacts = recorded(desk)
    before = (desk.home / PROMPTS).stat().st_ino
    artifacts.save_pieces(PROMPTS, [LARGE])
    artifacts.save(PROMPTS, LARGE)
    assert (desk.home / PROMPTS).stat().st_ino == before


def test_an_edited_file_is_told_before_anything_is_used(desk: Desk) -> None:
    """At once, and not when the pieces are read."""
    artifacts = recorded(desk)
    (desk.home / PROMPTS).write_bytes(LARGE[:-1])
    for look in (artifacts.check, artifacts.load, artifacts.load_pieces):
        with pytest.raises(FileEdited):
            look(PROMPTS)


def test_a_file_that_changes_while_it_is_read_changes_nothing_of_what_is_read(desk: Desk) -> None:
    """What was checked is what is used."""
    pieces = recorded(desk).load_pieces(PROMPTS)
    begin = next(pieces)
    (desk.home / PROMPTS).write_bytes(b"another one")
    assert begin + b"".join(pieces) == LARGE


def test_a_lost_file_is_put_back(desk: Desk) -> None:
    """By whatever looks at it."""
    artifacts = recorded(desk)
    (desk.home / PROMPTS).unlink()
    artifacts.check(PROMPTS)
    assert (desk.home / PROMPTS).read_bytes() == LARGE


def test_a_file_is_kept_as_it_is(desk: Desk) -> None:
    """A person's own, with its size; None where there is none, twice is once."""
    artifacts = artifacts_of(desk)
    assert artifacts.keep(PROMPTS) is None
    desk.write(PROMPTS, LARGE)
    kept = artifacts.keep(PROMPTS)
    assert kept is not None
    assert (kept.size, b"".join(artifacts.pieces(kept.sha256))) == (len(LARGE), LARGE)
    assert artifacts.keep(PROMPTS) == kept


def test_a_crash_while_a_large_file_is_made_leaves_the_old_one(desk: Desk) -> None:
    """Neither half a file nor half a content."""
    artifacts = recorded(desk, b"old")

    def broken() -> Iterator[bytes]:
        yield LARGE
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        artifacts.save_pieces(PROMPTS, broken())
    assert [path.name for path in (desk.home / PROMPTS).parent.iterdir()] == [
        "training_prompts.jsonl"
    ]
    assert artifacts.load(PROMPTS) == b"old"


def test_a_file_beyond_every_limit_is_refused_unread(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limit."""
    monkeypatch.setattr(engine_artifacts, "LARGEST", 3_000_000)
    artifacts = recorded(desk)
    with pytest.raises(NeedsOperator, match="larger than 3 MB"):
        artifacts.check(PROMPTS)
