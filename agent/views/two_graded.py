"""Two evaluations side by side, for a terminal and as JSON. The command `compare` calls this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.engine.evaluated import Graded
from agent.views.language import Translate
from agent.views.layout import print_table, print_wrapped
from agent.views.screen import Screen, Styled
from states.evaluation.comparison import Comparison, Word, readable
from states.evaluation.side_by_side import SideBySide
from states.text import Rounded, Text, say


def render_compared(
    screen: Screen, first: Graded, second: Graded, found: SideBySide, translate: Translate
) -> None:
    """A row of each, the paired table in words, and what follows from it."""
    titles = [say("project"), say("right"), say("accuracy"), say("macro-F1"), say("model")]
    rows = [_row(graded, found, side, translate) for side, graded in enumerate((first, second))]
    if not print_table(screen, [translate(title) for title in titles], rows):
        for row in rows:
            print_wrapped(screen, Styled("  ".join(cell.plain for cell in row)))
    for told in _describe(first, second, found):
        print_wrapped(screen, Styled(translate(told)))


def _row(graded: Graded, found: SideBySide, side: int, translate: Translate) -> list[Styled]:
    total, macro = found.score(side), found.macro_f1(side)
    low, high = total.interval
    accuracy = say(
        "{percent} % ({low}–{high})",
        percent=Rounded((total.accuracy or 0.0) * 100, 1),
        low=Rounded(low * 100),
        high=Rounded(high * 100),
    )
    shown = say("{percent} %", percent=Rounded((macro or 0.0) * 100, 1))
    return [
        Styled(graded.name),
        Styled(f"{total.correct}/{total.cases}"),
        Styled(translate(accuracy)),
        Styled(translate(shown)),
        Styled(graded.model),
    ]


def _describe(first: Graded, second: Graded, found: SideBySide) -> Iterator[Text]:
    compared = found.compare(second.name)
    yield say(
        "{count} common case counts for both ({ours} more of the first alone, {theirs} of the"
        " second alone).",
        "{count} common cases count for both ({ours} more of the first alone, {theirs} of the"
        " second alone).",
        count=compared.cases,
        ours=found.only_first,
        theirs=found.only_second,
    )
    if found.relabelled:
        yield say(
            "{count} case is left out, for the two expect different intents of it.",
            "{count} cases are left out, for the two expect different intents of them.",
            count=found.relabelled,
        )
    yield say(
        "Both right: {both}; only {first}: {ours}; only {second}: {theirs}; both wrong: {neither}.",
        both=compared.both_right,
        first=first.name,
        ours=compared.only_tuned_right,
        second=second.name,
        theirs=compared.only_rival_right,
        neither=compared.both_wrong,
    )
    for name, mended in zip((first.name, second.name), found.mended, strict=True):
        if mended:
            yield say(
                "{name} had answered {count} case wrong that the other was trained on and that does"
                " not count: the others favour {name}, which p allows for.",
                "{name} had answered {count} cases wrong that the other was trained on and that do"
                " not count: the others favour {name}, which p allows for.",
                name=name,
                count=mended,
            )
    yield _conclude(first.name, second.name, compared)


def _conclude(first: str, second: str, compared: Comparison) -> Text:
    low, high = compared.interval
    chance = say("p < 0.001") if compared.p < 0.001 else say("p = {p}", p=readable(compared.p))
    figures = say(
        "difference {difference} points, 95 % interval {low} to {high}, {chance}",
        difference=Rounded(compared.difference * 100, 1),
        low=Rounded(low * 100, 1),
        high=Rounded(high * 100, 1),
        chance=chance,
    )
    match compared.word:
        case Word.BETTER:
            return say(
                "{first} is better than {second}: {figures}.",
                first=first,
                second=second,
                figures=figures,
            )
        case Word.WORSE:
            return say(
                "{first} is worse than {second}: {figures}.",
                first=first,
                second=second,
                figures=figures,
            )
        case _:
            return say("No evidence either way: {figures}.", figures=figures)


def compared_json(first: Graded, second: Graded, found: SideBySide) -> dict[str, Any]:
    """`difference`: the first's accuracy less the second's; the p is McNemar's exact one."""
    compared = found.compare(second.name).as_json()
    return {
        "schema": 1,
        "first": _graded_json(first, found, 0),
        "second": _graded_json(second, found, 1),
        "common_cases": len(found.pairs),
        "relabelled": found.relabelled,
        "only_in_first": found.only_first,
        "only_in_second": found.only_second,
        "first_errors_trained_on": found.mended[0],
        "second_errors_trained_on": found.mended[1],
        "both_right": compared["both_right"],
        "only_first_right": compared["only_tuned_right"],
        "only_second_right": compared["only_rival_right"],
        "both_wrong": compared["both_wrong"],
        **{key: compared[key] for key in ("difference", "interval_95", "p", "verdict")},
    }


def _graded_json(graded: Graded, found: SideBySide, side: int) -> dict[str, Any]:
    return {
        "project": graded.project.name,
        "generation": graded.generation,
        "model": graded.model,
        **found.score(side).as_json(),
        "macro_f1": found.macro_f1(side),
    }
