"""The pages about the settings: .env.example, and the table of docs/settings.md and its twin.

`make settings` (python -m agent.settings.pages) writes them again from the declarations;
tests/unit/test_settings_pages.py fails where they lag behind.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.settings.declared import SECTIONS, SETTINGS
from agent.settings.setting import Section, Setting, Words

WIDTH = 100
HEAD = """\
# Written by `make settings`.
# Copy this file to .env and take away the `#` of what you want to change. The environment wins
# over .env; an empty value counts as not set. Every mistake is reported at once, at the start.
# Durations are seconds and may be fractions. Where the local emulator has another default, it
# stands behind "emulator:".
"""
BEGIN, END = "<!-- settings: written by `make settings` -->", "<!-- /settings -->"
TABLES = {"docs/settings.md": 0, "docs/es/settings.md": 1}  # the language: an index of Words
COLUMNS = ("name | Azure | emulator | why", "nombre | Azure | emulador | por qué")
SAME, NOTHING = Words("same", "igual"), "–"


def env_example() -> str:
    """.env.example: every setting once, commented out, with its default and its reason."""
    return "\n".join([HEAD, *(_section(section) for section in SECTIONS)])


def _section(section: Section) -> str:
    title = f" {section.title}".rjust(WIDTH - 2, "-")
    lines = [f"# {title}"]
    if section.introduction:
        lines += [*_comment(section.introduction), ""]
    for group in _groups(section.settings):
        local = f" emulator: {_plain(group[0].local)}" if _tells_local(group[0]) else ""
        lines += _comment(group[0].reason + local)
        lines += [f"{'# ' if s.is_environment_only else '#'}{s.name}={_given(s)}" for s in group]
        lines.append("")
    return "\n".join(lines)


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False
    )


def _tells_local(setting: Setting) -> bool:
    return setting.has_local_default and setting.is_read_locally


def _given(setting: Setting) -> str:
    return setting.example or _plain(setting.default)


def _plain(value: Any) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _groups(settings: Sequence[Setting]) -> Iterator[list[Setting]]:
    """Each setting with those that share its paragraph and its row."""
    group: list[Setting] = []
    for setting in settings:
        if setting.reason and group:
            yield group
            group = []
        group.append(setting)
    yield group


def table(language: int) -> str:
    """The table of docs/settings.md."""
    rows = [f"| {COLUMNS[language]} |", "|---|---|---|---|"]
    for group in _groups(SETTINGS):
        names = ", ".join(f"`{setting.name}`" for setting in group)
        remote = _joined(_remote(setting, language) for setting in group)
        local = _joined(_local(setting, language) for setting in group)
        why = group[0].why
        rows.append(f"| {names} | {remote} | {local} | {why[language] if why else ''} |")
    return "\n".join(rows)


def _joined(cells: Iterator[str]) -> str:
    found = list(cells)
    return found[0] if len(set(found)) == 1 else ", ".join(found)


def _remote(setting: Setting, language: int) -> str:
    return setting.shown[language] if setting.shown else _cell(setting.default)


def _local(setting: Setting, language: int) -> str:
    if setting.shown_local is not None:
        return setting.shown_local
    return _cell(setting.local) if setting.has_local_default else SAME[language]


def _cell(value: Any) -> str:
    if value in (None, ""):
        return NOTHING
    return f"`{value}`" if isinstance(value, str) else _plain(value)


def with_table(page: str, language: int) -> str:
    """The page, with the table between its two markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(language)}\n{END}{after}"


def pages(root: Path) -> Mapping[Path, str]:
    """Every page below `root`, as it ought to be."""
    tables = {
        root / name: with_table((root / name).read_text(encoding="utf-8"), language)
        for name, language in TABLES.items()
    }
    return {root / ".env.example": env_example(), **tables}


if __name__ == "__main__":
    for path, content in pages(Path(__file__).parents[2]).items():
        path.write_text(content, encoding="utf-8")
