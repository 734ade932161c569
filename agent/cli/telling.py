"""What `run` says on stderr while it goes on: a line for each change, a bar for what takes long.

run.py makes one, and the daemon calls its functions. Where there is no terminal, a line a minute
takes the place of the bar.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent.cli.output import remark
from agent.cli.pace import Count, Pace, find_count
from agent.views.language import Translate
from states.model import Project
from states.text import Text, say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MINUTE = 60.0  # seconds between two lines of the same count


@dataclass
class _Followed:
    """A count that goes on. `what`: the sentence about it, and of whom that is, if of somebody."""

    what: tuple[str, str | None]
    told_at: float
    pace: Pace = field(default_factory=Pace)
    task: TaskID | None = None


class Telling:
    """Use it in a `with`: a bar that is left behind would spoil what is shown next."""

    def __init__(self, translate: Translate, steady: Callable[[], float] = time.monotonic) -> None:
        self._translate, self._steady = translate, steady
        self._versions: dict[str, int] = {}
        self._followed: dict[str, _Followed] = {}
        self._bar = _make_bar()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        for name in list(self._followed):
            self._leave(name)

    def progress(self, project: Project, note: Text | None) -> None:
        """A project has changed."""
        is_move = self._versions.get(project.name) != project.version
        self._versions[project.name] = project.version
        is_stuck = project.hold or project.last_error or project.state.is_terminal
        count = None if is_stuck else find_count(project.waiting_for)
        if count is None:
            self._leave(project.name)
        if count is None or is_move:
            remark(self._line(project, note))
        if count is not None:
            self._follow(project, count)

    def _line(self, project: Project, note: Text | None) -> str:
        from agent.views.status import progress_line

        return progress_line(project, note, self._translate)

    def idle(self) -> None:
        """No project has anything more to do by itself."""
        text = say(
            "Nothing more happens by itself; this daemon waits for `new`, a mended file, `retry`"
            " and the like. Ctrl-C ends it."
        )
        remark(self._translate(text))

    def _follow(self, project: Project, count: Count) -> None:
        now, text = self._steady(), project.waiting_for
        assert text is not None  # noqa: S101  the count is in it
        name = text.values.get("name")
        what = text.template, None if name is None else str(name)
        followed = self._followed.get(project.name)
        if followed is None or followed.what != what:
            self._leave(project.name)
            followed = self._followed[project.name] = _Followed(what, now)
        followed.pace.note(now, count)
        if self._bar is not None:
            self._draw(self._bar, project, followed, count)
        elif now >= followed.told_at + MINUTE:
            followed.told_at = now
            line = self._line(project, None)
            pace = self._describe(followed)
            remark(f"{line}; {pace}" if pace else line)

    def _draw(self, bar: Progress, project: Project, followed: _Followed, count: Count) -> None:
        if followed.task is None:
            asked = "" if followed.what[1] is None else f": {followed.what[1]}"
            followed.task = bar.add_task(f"{project.name}{asked}", total=count.total, pace="")
            bar.start()
        pace = self._describe(followed)
        done, total = count.done, count.total
        bar.update(followed.task, completed=done, total=total, pace=pace, refresh=True)

    def _describe(self, followed: _Followed) -> str:
        pace = followed.pace.describe()
        return "" if pace is None else self._translate(pace)

    def _leave(self, name: str) -> None:
        followed = self._followed.pop(name, None)
        if self._bar is not None and followed is not None and followed.task is not None:
            self._bar.remove_task(followed.task)
            if not self._followed:
                self._bar.stop()


def _make_bar() -> Progress | None:
    """None where nothing can be drawn."""
    if not sys.stderr.isatty():
        return None
    # Here, because a run without a terminal needs none of it.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(file=sys.stderr, highlight=False)
    if console.is_dumb_terminal:
        return None
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}", markup=False),
        console=console,
        transient=True,
        redirect_stdout=False,
        refresh_per_second=4,
    )
