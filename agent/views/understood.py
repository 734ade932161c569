"""What was understood of a person's files, shown before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from agent.views.language import Translate
from agent.views.layout import print_wrapped
from agent.views.screen import Screen, Styled
from states.foreign import clean
from states.intents.example_set import ExampleSet
from states.intents.records import Table
from states.text import Text, say

FIRST = 2  # rows shown of each file
LONGEST = 70  # characters of a sentence shown
INTENTS = 8  # names shown

_ROLES = {
    "text": say("sentence"),
    "intent": say("intent"),
    "kind": say("kind"),
    "id": say("id"),
}


def render_understood(
    screen: Screen, tables: Sequence[Table], rows: Sequence[int], translate: Translate
) -> None:
    """A paragraph for each file. `rows`: how many were read of each."""
    for table, count in zip(tables, rows, strict=True):
        title = say(
            "{file}: {format}, {count} row",
            "{file}: {format}, {count} rows",
            file=_name(table),
            format=_format(table, translate),
            count=count,
        )
        print_wrapped(screen, Styled(translate(title), style="bold"))
        for line in _describe(table, translate):
            print_wrapped(screen, Styled(f"  {line}"), "    ")


def _format(table: Table, translate: Translate) -> str:
    """Its format and what was found out about it, as "CSV, UTF-8, separated by ;, no header"."""
    details = dict(table.details)
    said = [table.format]
    if "encoding" in details:
        said.append(details["encoding"])
    if details.get("delimiter", "tab") != "tab":
        said.append(translate(say("separated by {sign}", sign=repr(details["delimiter"]))))
    if "quotes" in details:
        said.append(translate(say("without quotes")))
    if "header" in details:
        said.append(translate(say("without a header: the first row is data")))
    if "other sheets" in details:
        said.append(translate(say("other sheets: {sheets}", sheets=details["other sheets"])))
    return ", ".join(said)


def _name(table: Table) -> Text | str:
    source = table.source
    if not source.sheet:
        return source.file
    return say("{file}, sheet {sheet}", file=source.file, sheet=repr(source.sheet))


def _describe(table: Table, translate: Translate) -> list[str]:
    taken = [
        f"{translate(_ROLES[role])} ← {column}"
        for role, column in table.columns.items()
        if role in _ROLES
    ]
    lines = ["; ".join(taken)] if taken else []
    if table.ignored:
        lines.append(translate(say("not taken: {columns}", columns=_list(table.ignored))))
    if table.system_prompt:
        shown = _shorten(table.system_prompt)
        lines.append(translate(say("system prompt, which is kept: {prompt}", prompt=shown)))
    for record in islice(table.records, FIRST):
        lines.append(f"{record.row}: {_shorten(record.intent)} · {_shorten(record.text)}")
    return lines


def _list(names: Sequence[str]) -> str:
    """The first of them: a sheet can have thousands of columns."""
    listed = ", ".join(_shorten(name) for name in names[:INTENTS])
    return listed if len(names) <= INTENTS else f"{listed}, …"


def _shorten(text: str) -> str:
    """On one line, and without what a terminal obeys or nobody sees."""
    line = " ".join(clean(text).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def count_intents(count: int) -> Text:
    return say("{count} intent", "{count} intents", count=count)


def describe_set(found: ExampleSet) -> Text:
    """How many sentences of which intents there are."""
    names = list(found.groups)
    return say(
        "{count} sentence of {intents}: {names}",
        "{count} sentences of {intents}: {names}",
        count=found.count,
        intents=count_intents(len(names)),
        names=_list(names),
    )
