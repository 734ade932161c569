"""How commands write: lines and documents on stdout, remarks on stderr.

Every command calls this; beside it only argparse prints (parser.py)."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from states.text import Text, say

if TYPE_CHECKING:
    from agent.bootstrap import Application
    from agent.views.screen import Screen
    from states.model import Project

PIPED_WIDTH = 200  # columns; what goes to a file or to grep is not wrapped at 80


def replace_what_cannot_be_written() -> None:
    """A terminal or a pipe in latin-1 shows `?` for a letter it does not have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def tell(app: Application, text: Text) -> None:
    print(app.translate(text))


def tell_of(app: Application, project: Project, text: Text) -> None:
    """With the name of the project in the commands that it names: there may be hundreds."""
    from agent.views.status import name_project

    print(name_project(project.name, app.translate(text)))


def remark(line: str) -> None:
    """Writes to stderr. A full disk, or nobody at the other end, must not stop the work."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def print_json(document: Mapping[str, Any]) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def print_json_stream(
    frame: Mapping[str, Any], name: str, items: Iterable[Mapping[str, Any]]
) -> None:
    """As print_json of the frame with the list of items under that name, one item at a time."""
    whole = json.dumps({**frame, name: []}, ensure_ascii=False, indent=2, allow_nan=False)
    head, _, tail = whole.rpartition("[]")
    sys.stdout.write(f"{head}[")
    end = "]"
    for number, item in enumerate(items):
        text = json.dumps(item, ensure_ascii=False, indent=2, allow_nan=False)
        sys.stdout.write((",\n    " if number else "\n    ") + text.replace("\n", "\n    "))
        end = "\n  ]"
    sys.stdout.write(f"{end}{tail}\n")


def open_screen() -> Screen:
    from agent.views.screen import Screen

    return Screen(width=None if sys.stdout.isatty() else PIPED_WIDTH)


def list_files(app: Application, projects: Sequence[Project]) -> None:
    """The files of these projects, as they are typed from here; whole paths below another home."""
    files = [path for project in projects for path in app.files_of(project)]
    if files:
        tell(app, say("Files:"))
        for path in files:
            print(f"  {_as_typed(path)}")


def tell_reports(app: Application, projects: Sequence[Project]) -> None:
    """Where the page is that says whether to ship, of each project that has one."""
    for project in projects:
        if (page := app.results.report_of(project)) and page.is_file():
            tell(app, say("Report: {path}", path=str(_as_typed(page))))


def _as_typed(path: Path) -> Path:
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
