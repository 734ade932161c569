"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from states.errors import StoreError
from store.files import remove_leftovers, write_atomically
from tests.unit.stored import NOW


def test_a_file_is_the_old_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Private, in folders of its own making; a failure half-way leaves the old one and no
    litter.
    """
    path = tmp_path / "a" / "b" / "datos.json"
    write_atomically(path, b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match=r"No space left on device.*untouched"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["datos.json"]


def test_leftovers_of_the_killed_are_removed_and_those_of_the_living_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute is the difference. What a person calls so is no leftover of ours."""
    old, young = sorted(half_written(tmp_path, monkeypatch) for _ in range(2))
    theirs = [tmp_path / name for name in ("x.part", ".film.part", ".x.json.mine.part")]
    for path in (old, young, *theirs):
        path.touch()
        os.utime(path, (NOW - 61, NOW - 61))
    os.utime(young, (NOW - 1, NOW - 1))
    remove_leftovers(tmp_path, NOW)
    assert [path.exists() for path in (old, young, *theirs)] == [False, True, True, True, True]


def half_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file beside `datos.json` that a process leaves which is killed while it writes."""
    before = set(folder.iterdir())
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        killed.setattr(Path, "unlink", lambda *_: None)
        write_atomically(folder / "datos.json", b"new")
    [left] = set(folder.iterdir()) - before
    return left
