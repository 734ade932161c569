"""Which column of a file holds what: found by its name, or as a person says.

Every reader calls `choose` with the names of its columns. A column is never guessed from what it
holds: where its name is not known, or two are, a person is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from agent.formats.names import NAMES, Role, plain, rank
from agent.formats.refusal import listed, place_of, refusal_of_file
from states.errors import SettingsError
from states.foreign import clean
from states.intents.records import Columns, Source
from states.text import Text, say, with_suggestion

_OPTION = {"text": "--text", "intent": "--intent", "kind": "--kind"}
_ALIKE = 0.75  # of a misspelt name and a known one


@dataclass(frozen=True)
class Chosen:
    """Indices, from 0. `has_header`: the first row names the columns and is no data."""

    names: tuple[str, ...]
    text: int
    intent: int
    kind: int | None
    id: int | None
    has_header: bool

    def columns(self) -> Mapping[str, str]:
        """Role -> the column, as the file names it; by its number where it has no name."""
        taken = {"text": self.text, "intent": self.intent, "kind": self.kind, "id": self.id}
        return {role: self._name(at) for role, at in taken.items() if at is not None}

    def ignored(self) -> tuple[str, ...]:
        taken = {self.text, self.intent, self.kind, self.id}
        rest = (self._name(at) for at in range(len(self.names)) if at not in taken)
        return tuple(name for name in rest if name)

    def _name(self, at: int) -> str:
        return clean(self.names[at]).strip() if self.has_header else str(at + 1)


def choose(first_row: Sequence[str], columns: Columns, source: Source) -> Chosen:
    """SettingsError, with the columns there are, where text or intent is not clear."""
    names = tuple(first_row)
    text = _said(names, "text", columns.text, source)
    intent = _said(names, "intent", columns.intent, source)
    if text is None:
        text = _found(names, "text", {intent}, source)
    if intent is None:
        intent = _found(names, "intent", {text}, source)
    if text is None or intent is None:
        raise _not_found(names, text, intent, source)
    if text == intent:
        problem = say("sentence and intent cannot both be in column {number}", number=text + 1)
        raise refusal_of_file(source, problem)
    kind = _said(names, "kind", columns.kind, source)
    if kind is None:
        kind = _first(names, "kind", {text, intent})
    by_number = _is_number(columns.text) and _is_number(columns.intent)
    has_header = not by_number or _is_header(names, text, intent)
    return Chosen(names, text, intent, kind, _first(names, "id", {text, intent, kind}), has_header)


def _is_header(names: tuple[str, ...], text: int, intent: int) -> bool:
    """The names of both are known, or one of them stands where it was said to be."""
    texts, intents = (
        {at for at, name in enumerate(names) if rank(name, role) is not None}
        for role in ("text", "intent")
    )
    return bool(texts and intents) or text in texts or intent in intents


def fits(first_row: Sequence[str], columns: Columns, source: Source) -> bool:
    try:
        choose(first_row, columns, source)
    except SettingsError:
        return False
    return True


def _is_number(said: str | None) -> bool:
    return said is not None and said.isascii() and said.isdecimal()


def _said(names: tuple[str, ...], role: Role, said: str | None, source: Source) -> int | None:
    """The column a person named; None if they named none."""
    if said is None:
        return None
    if _is_number(said):
        if not 1 <= int(said[:9]) <= len(names):
            problem = say(
                "there is no column {number}; it has {count} column: {sentence}",
                "there is no column {number}; it has {count} columns: {sentence}",
                number=said,
                count=len(names),
                sentence=listed(names),
            )
            raise refusal_of_file(source, problem)
        return int(said) - 1
    exact = [at for at, name in enumerate(names) if name.strip() == said.strip()]
    same = exact or [at for at, name in enumerate(names) if name and plain(name) == plain(said)]
    if not same:
        raise SettingsError(_unknown(names, said, source))
    return _only(names, role, same, source)


def _unknown(names: tuple[str, ...], said: str, source: Source) -> Text:
    complaint = say(
        "{place} has no column {name}, but {sentence}",
        place=place_of(source),
        name=repr(said),
        sentence=listed(names),
    )
    return with_suggestion(complaint, said, names)


def _found(
    names: tuple[str, ...], role: Role, others: set[int | None], source: Source
) -> int | None:
    """The column whose name is known for the role; None for none."""
    for sought in (0, 1):
        known = [
            at for at, name in enumerate(names) if at not in others and rank(name, role) == sought
        ]
        if known:
            return _only(names, role, known, source)
    return None


def _first(names: tuple[str, ...], role: Role, others: set[int | None]) -> int | None:
    known = (at for at, name in enumerate(names) if at not in others and rank(name, role) == 0)
    return next(known, None)


def _only(names: tuple[str, ...], role: Role, known: list[int], source: Source) -> int:
    if len(known) > 1:
        numbers = ", ".join(str(at + 1) for at in known)
        raise refusal_of_file(
            source,
            say(
                "columns {numbers} ({sentence}) could each be meant: say which, as `{option}"
                " {first}`",
                numbers=numbers,
                sentence=listed([names[at] for at in known]),
                option=_OPTION[role],
                first=known[0] + 1,
            ),
        )
    return known[0]


def _not_found(
    names: tuple[str, ...], text: int | None, intent: int | None, source: Source
) -> SettingsError:
    missing: list[Role] = ["text"] if text is None else []
    missing += ["intent"] if intent is None else []
    option = " ".join(f"{_OPTION[role]} {_guess(names, role)}" for role in missing)
    if len(missing) == 2:
        problem = say("neither the column of the sentences nor that of the intents is known")
    elif text is None:
        problem = say("the column of the sentences is not known")
    else:
        problem = say("the column of the intents is not known")
    return refusal_of_file(
        source,
        say(
            "{problem}. It has {sentence}; say which with `{option}`: a name, or a number from 1"
            " (both by number where the first row is no header)",
            problem=problem,
            sentence=listed(names),
            option=option,
        ),
    )


def _guess(names: tuple[str, ...], role: Role) -> str:
    """A column whose name is nearly one that is known, else a word that stands for one."""
    known = [name for group in NAMES[role] for name in group]
    for name in names:
        if name.strip() and get_close_matches(plain(name), known, n=1, cutoff=_ALIKE):
            return repr(name.strip()) if " " in name.strip() else name.strip()
    return "NAME"
