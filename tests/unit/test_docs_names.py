"""What the documents call by name is there: paths, modules, and names in code."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("agent", "states", "store", "tests", "docs", ".ci", ".github")
PAGES = [
    page.relative_to(ROOT)
    for pattern in ("*.md", "docs/**/*.md", "agent/**/*.md")
    for page in sorted(ROOT.glob(pattern))
]
HISTORY = Path("CHANGELOG.md")  # tells of what may be gone by now

PATH = re.compile(r"(?<![\w./<-])(?:agent|states|store|tests|docs|\.ci|\.github)/[\w./*<>-]*")
PYTHON_FILE = re.compile(r"(?<![\w/])\w+\.py\b")
MODULE = re.compile(r"(?<![\w/.@-])(?:agent|states|store)(?:\.[A-Za-z_]\w*)+")
NAME = re.compile(r"`([A-Za-z_]\w*)(?:\([^`]*\))?`")
PLACEHOLDER = re.compile(r"[<*]|000N")

every_page = pytest.mark.parametrize("page", PAGES, ids=str)


@cache
def _source() -> str:
    """All code and configuration, in one piece."""
    files = [
        path
        for room in ("agent", "states", "store", "tests", "docs")
        for path in (ROOT / room).rglob("*.py")
    ]
    files += [ROOT / name for name in ("Makefile", "pyproject.toml", ".env.example")]
    files += (ROOT / "agent" / "resources" / "locale").rglob("*.po")
    files += [*(ROOT / "states" / "catalog").iterdir(), ROOT / "docs" / "afinador.service"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file())


@cache
def _names_of_files() -> frozenset[str]:
    return frozenset(
        path.name for room in ROOMS for path in (ROOT / room).rglob("*.py") if path.is_file()
    )


def _text(page: Path) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def _exists(path: str) -> bool:
    """A file or folder, written with or without `.py`; what follows a placeholder is not judged."""
    while PLACEHOLDER.search(path):
        path = path.rpartition("/")[0]
    place = ROOT / path.rstrip("./")
    return place.exists() or place.with_name(place.name + ".py").exists()


def _resolves(dotted: str) -> bool:
    """A module, or a module and what code calls something in it."""
    module, names = dotted, list[str]()
    while not _is_module(module):
        module, _, name = module.rpartition(".")
        names.append(name)
    return all(re.search(rf"\b{name}\b", _source()) for name in names)


def _is_module(dotted: str) -> bool:
    try:
        return find_spec(dotted) is not None
    except ModuleNotFoundError:  # its parent is a module, not a package
        return False


@every_page
def test_every_path_is_there(page: Path) -> None:
    """Nobody is sent to a file that has moved."""
    paths = {path.rstrip(".,:") for path in PATH.findall(_text(page))}
    assert sorted(path for path in paths if not _exists(path)) == []


@every_page
def test_every_python_file_is_there(page: Path) -> None:
    """Also one that is named without its folder."""
    if page == HISTORY:
        return
    named = {name for name in PYTHON_FILE.findall(_text(page)) if not PLACEHOLDER.search(name)}
    assert sorted(named - _names_of_files()) == []


@every_page
def test_every_module_is_there(page: Path) -> None:
    """In the form in which Python imports it."""
    assert sorted({name for name in MODULE.findall(_text(page)) if not _resolves(name)}) == []


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/design.md", "docs/glossary.md"])
def test_every_name_in_code_is_there(page: str) -> None:
    """A class, function or field that the documents set in code type is still called so."""
    names = set(NAME.findall(_text(Path(page))))
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", _source())) == []
