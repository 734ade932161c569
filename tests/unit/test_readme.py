"""What the READMEs and the pages behind them say is what the program is."""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.parser import CommandLine
from agent.settings.declared import SETTINGS
from agent.settings.names import ELSEWHERE, OF_IDENTITY
from states.graph import diagram
from states.places import Artifact, Result
from states.state import State

ROOT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r"(?:AGENT|AZURE|FINE_TUNING|FINE_TUNED|TRAIN|VALIDATION)_[A-Z_]+[A-Z]")

# The reference, in each language: the front page leads to these.
REFERENCE = ("azure.md", "commands.md", "data.md", "operations.md", "settings.md")
FOLDERS = {"README.md": "docs", "README.es.md": "docs/es"}
PAGES = (
    *FOLDERS,
    "CONTRIBUTING.md",
    "SECURITY.md",
    *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")),
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LONGEST_FRONT_PAGE = 130  # lines; the references are behind links

both = pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _reference(folder: str) -> str:
    """All that the pages of one language say, in one piece."""
    return "\n".join(_text(f"{folder}/{page}") for page in REFERENCE)


def _settings() -> set[str]:
    """Every setting the program reads."""
    return {setting.name for setting in SETTINGS}


def _commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield from CommandLine("en").parsers.items()


@pytest.mark.parametrize(("readme", "folder"), FOLDERS.items())
def test_the_front_page_is_short_and_leads_to_every_reference(readme: str, folder: str) -> None:
    """Two commands, a sample, the fears; what is looked up is one link away."""
    text = _text(readme)
    assert len(text.splitlines()) <= LONGEST_FRONT_PAGE
    assert [page for page in REFERENCE if f"({folder}/{page})" not in text] == []


@both
def test_the_readme_shows_the_diagram_that_the_graph_draws(folder: str) -> None:
    """The picture cannot lag behind the table of moves."""
    assert f"```mermaid\n{diagram()}\n```" in _text(f"{folder}/commands.md")


@both
def test_the_readme_names_every_setting(folder: str) -> None:
    """Nothing can be set that is not explained: each has its row in the table."""
    rows = [row for row in _text(f"{folder}/settings.md").splitlines() if row.startswith("| `")]
    named = {name for row in rows for name in SETTING.findall(row.split("|")[1])}
    assert sorted(_settings() - named) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_names_a_setting_that_does_not_exist(page: str) -> None:
    """A setting that is gone is gone from the pages as well. Other programs' names may be named."""
    written = {setting for setting in SETTING.findall(_text(page)) if f"`{setting}`" in _text(page)}
    assert sorted(written - _settings() - {*ELSEWHERE, *OF_IDENTITY}) == []


@both
def test_the_readme_explains_every_command_with_its_options(folder: str) -> None:
    """Each has a row of its own in the table, with every option in it."""
    rows = {
        row.split("`")[1].split()[0]: row
        for row in _text(f"{folder}/commands.md").splitlines()
        if row.startswith("| `")
    }
    for command, parser in _commands():
        options = [
            o
            for action in parser._actions
            for o in action.option_strings
            if o.startswith("--") and o != "--help"
        ]
        assert command in rows, command
        assert [option for option in options if option not in rows[command]] == []


@both
def test_every_extra_is_named_where_the_program_is_installed(folder: str) -> None:
    project = tomllib.loads(_text("pyproject.toml"))["project"]
    (sentence,) = re.findall(r"\(extras:\s([^)]*)\)", _text(f"{folder}/commands.md"))
    assert set(re.findall(r"`(\w+)`", sentence)) == set(project["optional-dependencies"])


@both
def test_the_readme_names_every_state_and_every_file(folder: str) -> None:
    """Whoever meets a word in `status`, or a file in the folder, finds it there."""
    text = _reference(folder)
    assert [word for word in (*State, *Artifact, *Result) if f"`{word}`" not in text] == []


@both
def test_every_log_event_is_explained(folder: str) -> None:
    """And none that nobody logs: an alarm that was set on one of them goes off."""
    _, _, table = _text(f"{folder}/operations.md").partition("| `event` |")
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    told = {event for row in rows for event in re.findall(r"`([a-z_]+)`", row)}
    agent = [
        path.read_text("utf-8")
        for path in (ROOT / "agent").rglob("*.py")
        if "emulator" not in path.parts
    ]
    code = "\n".join(agent)
    logged = re.findall(r"\blog\.(?:info|warning|error|critical|exception)\(\s*\"(\w+)\"", code)
    assert sorted(set(logged) - told) == []
    assert sorted(event for event in told if f'"{event}"' not in code) == []


@pytest.mark.parametrize("page", REFERENCE)
def test_both_languages_have_the_same_sections_and_rows(page: str) -> None:
    """Nothing is told in one language only."""
    english, spanish = (
        re.findall(r"^(##+ |\| |```\w)", _text(f"{folder}/{page}"), re.MULTILINE)
        for folder in FOLDERS.values()
    )
    assert english == spanish


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_leads_somewhere(name: str) -> None:
    """To a file that is there and, behind a `#`, to one of its headings."""
    dead = []
    for link in LINK.findall(_text(name)):
        if "://" in link or link.startswith("mailto:"):
            continue
        place, _, heading = link.partition("#")
        target = (ROOT / name).parent / place if place else ROOT / name
        if not target.exists() or (heading and heading not in _headings(target)):
            dead.append(link)
    assert dead == []


def _headings(page: Path) -> set[str]:
    """The anchors that a Markdown viewer makes of the headings of a page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_every_json_block_is_json(page: str) -> None:
    """What is shown can be pasted."""
    for block in re.findall(r"```json\n(.*?)```", _text(page), re.DOTALL):
        json.loads(block)
