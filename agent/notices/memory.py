"""What the notices need of the store. Implemented by store/notices.py.

Beside states/store_port.py, since nothing but this room uses it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from states.model import Checkpoint, Project
from states.store_port import LockStore, ProjectStore


class NoticeStore(Protocol):
    """How far each address has been told what happens.

    `home`: whose addresses they are, where several agents share a database. A topic is a project,
    and its number a checkpoint's version; or what a rule watches, and its number a stage of that.
    """

    def follow(self, home: str, addresses: Sequence[str]) -> None:
        """From now on these addresses of that home are told, and no others.

        A new one is told of what comes, unless it takes the place of others: then it goes on where
        they are, so that a mended address gets what could not be delivered."""
        ...

    def untold(self, home: str, address: str) -> Mapping[str, int]:
        """The projects with a newer checkpoint than the address was told of, and that version.

        Empty for an address that nobody follows."""
        ...

    def checkpoints_after(self, name: str, version: int) -> Iterator[tuple[Project, Checkpoint]]:
        """The checkpoints of a project after that version, oldest first, each with the project as
        it was left by it."""
        ...

    def told(self, home: str, address: str, topic: str) -> int:
        """0 for a topic that it was never told of."""
        ...

    def mark_told(self, home: str, address: str, topic: str, number: int) -> None: ...


class Store(ProjectStore, NoticeStore, LockStore, Protocol):
    """Projects, and how far each address has been told of them."""
