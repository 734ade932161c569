"""The disk as one process writes it, with points between write, fsync, rename and the folder's
fsync.

fsync is only noted: what a power cut leaves is a model (Disk.cut).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.crash.agent import Agent


class Disk:
    """What a power cut leaves: a file not fsynced before its rename is empty, a rename not followed
    by a folder fsync is undone.
    """

    def __init__(self) -> None:
        self._synced: set[str] = set()
        self._unsure: dict[
            Path, bytes | None
        ] = {}  # renamed, folder not fsynced: what was there before

    def synced(self, path: str) -> None:
        if Path(path).is_dir():
            self._unsure = {p: old for p, old in self._unsure.items() if p.parent != Path(path)}
        else:
            self._synced.add(path)

    def rename(self, source: str, target: Path) -> None:
        before = target.read_bytes() if target.exists() else None
        Path(source).replace(target)
        if source in self._synced:
            self._unsure.setdefault(target, before)
        else:
            self._unsure[target] = b""

    def cut(self) -> None:
        for path, before in self._unsure.items():
            if before is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(before)
        self._unsure = {}


class Os:
    """The calls of store.files, with points between them. fsync is only noted: the disk is a model
    here.
    """

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, handle: int) -> None:
        self._agent.point("file: before fsync")
        self._agent.world.disk.synced(str(Path(f"/proc/self/fd/{handle}").readlink()))
        self._agent.point("file: after fsync")

    def fdopen(self, handle: int, mode: str) -> HalfWritten:
        return HalfWritten(os.fdopen(handle, mode), self._agent)


class HalfWritten:
    """A file whose writing can end in the middle."""

    def __init__(self, file: Any, agent: Agent) -> None:
        self._file, self._agent = file, agent

    def __enter__(self) -> HalfWritten:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, content: bytes) -> None:
        self._agent.point("file: before write")
        self._file.write(content[: len(content) // 2])
        self._file.flush()
        self._agent.point("file: half written")
        self._file.write(content[len(content) // 2 :])


class RenamedPath:
    """pathlib.Path as store.files uses it."""

    def __init__(self, agent: Agent, name: str) -> None:
        self._agent, self._name = agent, name

    def replace(self, target: Path) -> None:
        self._agent.point("file: before rename")
        self._agent.world.disk.rename(self._name, target)
        self._agent.point("file: after rename")

    def unlink(self) -> None:
        self._agent.point("file: before unlink")
        Path(self._name).unlink()
