"""The import contracts of pyproject.toml hold for files that nobody has written yet."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agent", "states", "store")
LONG_FILE, LONGEST_FILE = 250, 350  # lines

APPLICATION = "The floors of the application, outermost first"
CORE = "The floors of the core, outermost first"
EMULATOR = "The floors of the emulator, outermost first"
STEPS = "A step does not know another step"
PURE = "The core knows nobody and does no I/O"
STORE = "Only bootstrap knows the store"
STORE_BELOW = "The store knows only the core"
SQL = "SQL stops at the store"
SDK = "The SDK stops at the providers"
APART = "The emulator is a program of its own: it imports nothing of the agent"
CIRCLES = "No circles, in any room"
UNTOUCHED = "Nothing imports the emulator"

FORBIDDEN = {
    "openai": SDK,
    "sqlalchemy": SQL,
    "store.sql": STORE,
    "agent.emulator.__main__": UNTOUCHED,
}

# file -> module it imports -> the contract that has to name it. All of them are added to one copy,
# so that one run of the linter shows every refusal.
ROOMS: dict[str, dict[str, str]] = {
    "agent/newroom.py": FORBIDDEN,
    "agent/newfolder/newroom.py": FORBIDDEN,
    "agent/views/newroom.py": FORBIDDEN,
    "agent/engine/newroom.py": FORBIDDEN,
    "agent/settings/newroom.py": FORBIDDEN,
    "agent/resources/newroom.py": FORBIDDEN,
    "agent/drivers/newroom.py": FORBIDDEN,
    "agent/providers/newroom.py": {k: v for k, v in FORBIDDEN.items() if k != "openai"},
    "agent/emulator/newroom.py": {"openai": SDK, "store": STORE, "states.model": APART},
    "agent/emulator/model/newroom.py": {
        "agent.emulator.server": EMULATOR,
        "agent.settings": APPLICATION,
    },
    "states/steps/newstep.py": {"states.steps.create_job": STEPS, "openai": SDK, "time": PURE},
    "states/intents/newroom.py": {"states.steps.create_job": CORE, "subprocess": PURE},
    "store/newroom.py": {"agent.settings": STORE_BELOW, "openai": SDK},
    "agent/engine/newlibrary.py": {
        "apprise": "People are told from one room",
        "apscheduler": "Scheduler and supervisor are the drivers' business",
        "dotenv": "Only the settings read .env",
        "filelock": "Locks belong to who starts a process",
        "numpy": "Vectors are computed in two rooms, by one sentence encoder",
        "openpyxl": "A person's files are read in one room",
        "pyarrow": "A person's files are read in one room",
        "rich": "Only what a person sees knows the terminal",
        "sklearn": "Only the check of the data knows the libraries that judge it",
        "starlette": "The emulator's libraries stay in the emulator",
        "tiktoken": "Tokens are counted in one room",
        "transitions": "Only the graph knows the library of state machines",
    },
    "agent/views/newlibrary.py": {
        "structlog": "Views, settings, resources and the command line write no log",
    },
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the source, to which rooms may be added."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package,
            tmp_path / package,
            ignore=shutil.ignore_patterns("__pycache__", "vocabulary"),
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def _build(house: Path, path: str, *imported: str) -> str:
    """Adds a module to the copy; returns its dotted name."""
    module = house / path
    module.parent.mkdir(exist_ok=True)
    (module.parent / "__init__.py").touch()
    module.write_text("".join(f"import {name}\n" for name in imported), encoding="utf-8")
    return path.removesuffix(".py").replace("/", ".")


def _lint(house: Path) -> tuple[int, dict[str, str]]:
    """The linter's exit code, and each broken contract with what it says about it."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={"COLUMNS": "300", "PATH": "", "PYTHONPATH": str(house)},
    )
    assert "Contracts:" in run.stdout, run.stdout + run.stderr
    _, _, details = run.stdout.partition("Broken contracts\n")
    sections = re.split(r"^(.+)\n-+\n", details, flags=re.MULTILINE)
    return run.returncode, dict(zip(sections[1::2], sections[2::2], strict=True))


@pytest.mark.linter
def test_the_house_as_it_is_keeps_every_contract(house: Path) -> None:
    """Else the refusals below would prove nothing."""
    assert _lint(house) == (0, {})


@pytest.mark.linter
def test_a_new_room_that_breaks_a_contract_breaks_the_build(house: Path) -> None:
    """Wherever it is built, whatever it brings in: the contract names the file and the import."""
    names = {path: _build(house, path, *imported) for path, imported in ROOMS.items()}
    code, broken = _lint(house)
    assert code == 1
    unnoticed = [
        f"{path} imports {module}: {contract}"
        for path, imported in ROOMS.items()
        for module, contract in imported.items()
        if not re.search(
            rf"{re.escape(names[path])} -> {re.escape(module)}\b", broken.get(contract, "")
        )
    ]
    assert unnoticed == []


@pytest.mark.linter
@pytest.mark.parametrize(
    ("path", "imported", "contract"),
    [
        ("agent/newroom.py", "states.model", APPLICATION),
        ("agent/views/newroom.py", "store.sql", STORE),
        ("states/newroom.py", "states.model", CORE),
        ("states/steps/newstep.py", "states.steps.create_job", STEPS),
        ("agent/emulator/newroom.py", "states", APART),
    ],
)
def test_one_import_alone_breaks_the_build(
    house: Path, path: str, imported: str, contract: str
) -> None:
    """No other mistake has to come along; and a room on no floor is refused for that alone."""
    _build(house, path, imported)
    code, broken = _lint(house)
    assert code == 1
    assert contract in broken


@pytest.mark.linter
def test_two_files_that_import_each_other_break_the_build(house: Path) -> None:
    """Within one room as well, where no floor is above another."""
    _build(house, "agent/views/one.py", "agent.views.other")
    _build(house, "agent/views/other.py", "agent.views.one")
    code, broken = _lint(house)
    assert (code, list(broken)) == (1, [CIRCLES])


def _contracts() -> list[dict[str, Any]]:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return list(options["tool"]["importlinter"]["contracts"])


def _libraries_with_a_room() -> set[str]:
    return {
        module
        for contract in _contracts()
        if contract["type"] == "protected"
        for module in contract["protected_modules"]
    }


def test_every_library_that_is_imported_has_a_room() -> None:
    """A new import of something from outside needs a contract that says who may use it."""
    graph = grimp.build_graph(*PACKAGES, include_external_packages=True)
    outside = {module for module in graph.modules if graph.is_module_squashed(module)}
    assert outside - sys.stdlib_module_names - _libraries_with_a_room() == set()


def test_every_dependency_has_a_room() -> None:
    """Also one that is imported nowhere yet."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[<>=\[]", line)[0] for line in project["dependencies"]}
    modules = packages_distributions()
    roomy = {
        distribution.lower()
        for module in _libraries_with_a_room()
        for distribution in modules.get(module, ())
    }
    assert wanted - roomy == set()


def test_what_is_imported_for_its_type_alone_climbs_no_further() -> None:
    """The linter skips `if TYPE_CHECKING`; core and store know no agent there either."""
    climbing = [
        f"{path.relative_to(ROOT)}: {module}"
        for package in ("states", "store")
        for path in (ROOT / package).rglob("*.py")
        for module in _imported(path)
        if module.split(".")[0] == "agent" or (package == "states" and module.startswith("store."))
    ]
    assert climbing == []


def test_a_long_file_says_why_it_is_long() -> None:
    """Past 250 lines its head has a sentence that begins so; past 350 nothing is said for it."""
    unexplained = []
    for path in (path for room in (*PACKAGES, "tests") for path in (ROOT / room).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        length = len(text.splitlines())
        says_why = "Longer than" in (ast.get_docstring(ast.parse(text)) or "")
        if length > LONGEST_FILE or (length > LONG_FILE and not says_why):
            unexplained.append(f"{path.relative_to(ROOT)}: {length}")
    assert unexplained == []


def _imported(path: Path) -> list[str]:
    """Every module that a file imports, wherever in it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found
