"""What the two READMEs and .env.example say is what the program is."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli.parser import CommandLine
from agent.settings import config
from agent.views.language import translator
from states.graph import diagram
from states.model import State
from states.places import DATA, RESULTS

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.es.md")
SETTING = re.compile(r"(?:AGENT|AZURE|FINE_TUNING|FINE_TUNED|TRAIN|VALIDATION)_[A-Z_]+[A-Z]")
ENVIRONMENT_ONLY = {"AGENT_ENV_FILE"}  # names the file, so it cannot stand in it

PAGES = (
    *READMES,
    "CONTRIBUTING.md",
    *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")),
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")

both = pytest.mark.parametrize("name", READMES)


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _settings() -> set[str]:
    """Every setting the program reads: string constants in agent/ that are spelt like one."""
    trees = (
        ast.parse(path.read_text(encoding="utf-8"))
        for path in (ROOT / "agent" / "settings").glob("*.py")
    )
    constants = (
        node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    return {value for value in constants if isinstance(value, str) and SETTING.fullmatch(value)}


def _commands() -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield from CommandLine(translator("en")).parsers.items()


@both
def test_the_readme_shows_the_diagram_that_the_graph_draws(name: str) -> None:
    """The picture cannot lag behind the table of moves."""
    assert f"```mermaid\n{diagram()}\n```" in _text(name)


@both
def test_the_readme_names_every_setting(name: str) -> None:
    """Nothing can be set that is not explained."""
    assert sorted(_settings() - set(SETTING.findall(_text(name)))) == []


@both
def test_the_readme_names_no_setting_that_does_not_exist(name: str) -> None:
    """A setting that is gone is gone from the README as well."""
    written = {setting for setting in SETTING.findall(_text(name)) if f"`{setting}`" in _text(name)}
    assert sorted(written - _settings()) == []


@both
def test_the_readme_explains_every_command_with_its_options(name: str) -> None:
    """Each has a row of its own in the table, with every option in it."""
    rows = {
        row.split("`")[1].split()[0]: row
        for row in _text(name).splitlines()
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
def test_the_readme_names_every_state_and_every_file(name: str) -> None:
    """Whoever meets a word in `status`, or a file in the folder, finds it there."""
    assert [word for word in (*State, *DATA, *RESULTS) if f"`{word}`" not in _text(name)] == []


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


def _example() -> dict[str, str]:
    """name -> value of every commented-out setting of .env.example."""
    return dict(re.findall(rf"^# ?({SETTING.pattern})=(.*)$", _text(".env.example"), re.MULTILINE))


def test_env_example_holds_every_setting_once() -> None:
    """It is the complete list, and copying it changes nothing."""
    lines = re.findall(rf"^# ?({SETTING.pattern})=", _text(".env.example"), re.MULTILINE)
    assert sorted(lines) == sorted(_settings())
    assert not re.search(rf"^{SETTING.pattern}=", _text(".env.example"), re.MULTILINE)


def test_env_example_begins_with_what_azure_needs() -> None:
    """Three variables, and the same command works on Azure."""
    assert list(_example())[:3] == [
        "AZURE_OPENAI_ENDPOINT",
        "AZURE_OPENAI_KEY",
        "AZURE_OPENAI_MODEL",
    ]


def test_env_example_shows_the_defaults() -> None:
    """Taking away every `#` gives the settings that were there without the file."""
    needed = {
        "AGENT_ENV_FILE": "/dev/null",
        "AZURE_OPENAI_ENDPOINT": "https://a.openai.azure.com",
        "AZURE_OPENAI_KEY": "k" * 32,
    }
    shown = {name: value for name, value in _example().items() if name not in ENVIRONMENT_ONLY}
    assert config.load({**shown, **needed}) == config.load(needed)
