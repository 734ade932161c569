"""The declared settings, and what is written from them: .env.example and docs/settings.md."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from agent.settings import config, own, temporal
from agent.settings.declared import OF_A_PROJECT, SECTIONS, SETTINGS
from agent.settings.pages import TABLES, env_example, pages, table, with_table

ROOT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r"(?:AGENT|AZURE|FINE_TUNING|FINE_TUNED|TRAIN|VALIDATION)_[A-Z_]+[A-Z]")
NAMES = sorted(setting.name for setting in SETTINGS)


@pytest.mark.parametrize("path", pages(ROOT), ids=lambda path: path.name)
def test_no_page_lags_behind_the_declarations(path: Path) -> None:
    """`make settings` writes them again."""
    assert path.read_text(encoding="utf-8") == pages(ROOT)[path]


@pytest.mark.parametrize("language", TABLES.values())
def test_the_table_explains_every_setting(language: int) -> None:
    """Nothing can be set that is not explained, in either language."""
    rows = table(language).splitlines()[2:]
    assert sorted(SETTING.findall(" ".join(row.split("|")[1] for row in rows))) == NAMES
    assert [row for row in rows if not row.split("|")[4].strip()] == []


def test_a_page_that_lags_behind_is_noticed() -> None:
    """What stands between the markers is replaced; what stands around them is left alone."""
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    spoilt = page.replace("| `AGENT_SEED` | 42 |", "| `AGENT_SEED` | 43 |")
    assert spoilt != page
    assert with_table(spoilt, 0) == page


def test_every_name_that_is_read_is_declared() -> None:
    """Whatever in agent/settings is spelt like a setting is one of them.

    names.py holds those that are not."""
    trees = (
        ast.parse(path.read_text(encoding="utf-8"))
        for path in (ROOT / "agent" / "settings").rglob("*.py")
        if path.name != "names.py"
    )
    words = (
        node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    assert {w for w in words if isinstance(w, str) and SETTING.fullmatch(w)} == set(NAMES)


def test_every_declaration_has_its_field() -> None:
    """And every field its declaration: nothing is read for nobody."""
    of_the_process = {s.field for s in SETTINGS if not s.is_project} - {""}
    of_temporal = {f"{temporal.PREFIX}{field.name}" for field in fields(temporal.Temporal)}
    assert of_the_process - of_temporal | {"project", "temporal", "warnings"} == {
        field.name for field in fields(config.Settings)
    }
    assert of_temporal <= of_the_process
    assert {s.field for s in OF_A_PROJECT} == {f.name for f in fields(own.ProjectSettings)}


def _example() -> dict[str, str]:
    """name -> value of every commented-out setting."""
    return dict(re.findall(rf"^# ?({SETTING.pattern})=(.*)$", env_example(), re.MULTILINE))


def test_env_example_holds_every_setting_once() -> None:
    """It is the complete list, and copying it changes nothing."""
    lines = re.findall(rf"^# ?({SETTING.pattern})=", env_example(), re.MULTILINE)
    assert sorted(lines) == NAMES
    assert not re.search(rf"^{SETTING.pattern}=", env_example(), re.MULTILINE)
    assert max(map(len, env_example().splitlines())) <= 100


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
    apart = {setting.name for setting in SETTINGS if setting.is_environment_only}
    shown = {name: value for name, value in _example().items() if name not in apart}
    assert config.load({**shown, **needed}) == config.load(needed)


def test_every_secret_is_declared_as_one() -> None:
    """None of their defaults, of all things, is shown."""
    secret = {setting.name for setting in SETTINGS if setting.is_secret}
    assert secret == {
        "AZURE_OPENAI_KEY",
        "AZURE_ARM_TOKEN",
        "AGENT_DATABASE_URL",
        "AGENT_NOTIFY",
        "AGENT_TEMPORAL_API_KEY",
    }
    assert {_example()[name] for name in secret} == {""}


def test_the_first_section_needs_an_introduction() -> None:
    """Whoever copies the file reads first that nothing has to be set at all."""
    assert "local emulator" in SECTIONS[0].introduction
