"""Brings the translations up to date with what the program says, and compiles them.

Called by `make locale`. tests/unit/test_translations.py fails while this would change anything.
The English template is the msgid. What argparse says stands in agent/resources/locale/argparse.pot.
"""

from __future__ import annotations

import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "agent" / "resources" / "locale"
ROOMS = ("agent", "states", "store")
WIDTH = 100

Message = str | tuple[str, str]  # a template, or its singular and plural


def main() -> int:
    """Returns 1 while a sentence has no translation."""
    missing = []
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        catalogue = renewed(read(path))
        path.write_bytes(written(catalogue))
        path.with_suffix(".mo").write_bytes(compiled(catalogue))
        missing += [f"{path.relative_to(ROOT)}: {one}" for one in untranslated(catalogue)]
    for line in missing:
        sys.stderr.write(f"not translated yet: {line}\n")
    return 1 if missing else 0


def calls() -> Iterator[tuple[str, ast.Call]]:
    """(file:line, call) of every `say(...)` outside the emulator, which is a separate program."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if (ROOT / "agent" / "emulator") in path.parents:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                name = getattr(node, "func", None)
                if isinstance(node, ast.Call) and "say" in (
                    getattr(name, "id", None),
                    getattr(name, "attr", None),
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def literals(call: ast.Call) -> tuple[str, ...]:
    """The template and its plural. Adjacent literals are one: the parser has joined them."""
    return tuple(
        arg.value
        for arg in call.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    )


def said() -> dict[str, Message]:
    """msgid -> everything that is said: by the program, and by argparse."""
    messages: dict[str, Message] = {}
    for _, call in calls():
        match literals(call):
            case (one,):
                messages.setdefault(one, one)
            case (one, many):
                messages[one] = (one, many)
    with (LOCALE / "argparse.pot").open("rb") as file:
        for message in read_po(file):
            if message.id:
                one = message.id if isinstance(message.id, str) else message.id[0]
                messages[one] = message.id if isinstance(message.id, str) else tuple(message.id)
    return messages


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def renewed(old: Catalog) -> Catalog:
    """The same translations, for exactly what is said now."""
    new = Catalog(locale=old.locale, header_comment=old.header_comment, fuzzy=False)
    new.mime_headers = old.mime_headers  # dates, address and plural forms stay as they are
    for one, message in said().items():
        known = old.get(one)
        string = known.string if known is not None and fits(message, known.string) else None
        new.add(message, string)
    return new


def fits(message: Message, string: object) -> bool:
    """A sentence that gets a plural needs a new translation."""
    return isinstance(string, str) is isinstance(message, str)


def untranslated(catalogue: Catalog) -> list[str]:
    """The msgids without a translation, or without one of its forms."""
    strings = {
        str(message.id): (message.string,) if isinstance(message.id, str) else message.string
        for message in catalogue
        if message.id
    }
    return [one for one, forms in strings.items() if not forms or not all(forms)]


def written(catalogue: Catalog) -> bytes:
    """Sorted, and without line numbers: two people who add a sentence each rarely meet."""
    file = io.BytesIO()
    write_po(file, catalogue, width=WIDTH, no_location=True, sort_output=True)
    return file.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


if __name__ == "__main__":
    sys.exit(main())
