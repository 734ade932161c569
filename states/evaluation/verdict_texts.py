"""The verdict in words, for a person who reads only this. verdict.py calls it.

Every figure has its number of cases beside it, every undecided verdict what would decide it.
Longer than other files, so that all that a verdict says stands in one place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from states.evaluation.answers import RivalKind
from states.evaluation.comparison import Comparison, Word, describe_rival, readable, warn
from states.evaluation.left_out import LeftOut, describe_nothing
from states.evaluation.sample_size import cases_to_notice, round_up
from states.evaluation.scores import Score
from states.text import Rounded, Text, Value, say

NOTICEABLE = 0.05  # the difference that is spoken of where none has been seen
HOPELESS = 10_000  # cases; whoever would have to write more is told that both are equal
MOST_NAMED = 5  # intents in a sentence


@dataclass(frozen=True)
class Grounds:
    """What the verdict follows from. `wanted`: "reference" or "target", as far as it is open -> the
    cases that would decide it, None where no number would."""

    word: Word
    reference: Comparison | None
    comparisons: Sequence[Comparison]
    total: Score
    target: float | None
    wanted: Mapping[str, int | None]
    for_intents: Sequence[str]
    left_out: Sequence[LeftOut] = ()  # who was to be asked, and could not be


def describe_word(grounds: Grounds) -> Text:
    """The word with its figures, and whoever else is not beaten, above all a free model."""
    told = [_describe_reference(grounds)]
    for one in grounds.comparisons:
        if one.word is not Word.BETTER:
            told += [] if one is grounds.reference else [_contrast(one)]
            told += [_describe_free()] if one.kind is RivalKind.LOCAL else []
    return _string(told)


def _string(sentences: Sequence[Text]) -> Text:
    told = sentences[0]
    for sentence in sentences[1:]:
        told = say("{reading} {aside}", reading=told, aside=sentence)
    return told


def _contrast(one: Comparison) -> Text:
    """A rival other than the reference that is not beaten."""
    values: dict[str, Value] = {
        "rival": describe_rival(one.kind, one.name),
        "correct": one.tuned_right,
        "cases": one.cases,
        "other": one.rival_right,
    }
    if one.word is Word.WORSE:
        return say("Worse than {rival}: {correct} of {cases} right against {other}.", **values)
    return say(
        "Not shown to be better than {rival}: {correct} of {cases} right against {other}.",
        **values,
    )


def _describe_free() -> Text:
    return say("That model is free: it needs no service, and no answer is paid.")


def _describe_reference(grounds: Grounds) -> Text:
    if grounds.reference is None:
        return describe_nothing(grounds.total.cases, grounds.left_out)
    told = describe_comparison(grounds.reference, len(grounds.comparisons))
    return _string([told, warn(grounds.reference)]) if grounds.reference.is_flattered else told


def describe_comparison(one: Comparison, rivals: int) -> Text:
    """With the interval of the difference, and p corrected for so many `rivals`."""
    low, high = one.interval
    values: dict[str, Value] = {
        "rival": describe_rival(one.kind, one.name),
        "correct": one.tuned_right,
        "cases": one.cases,
        "other": one.rival_right,
        "low": Rounded(low * 100, 1),
        "high": Rounded(high * 100, 1),
        "chance": _describe_chance(one, rivals),
    }
    if one.word is Word.BETTER:
        return say(
            "Better than {rival}: {correct} of {cases} right against {other}. The difference lies,"
            " with 95 % confidence, between {low} and {high} points ({chance}).",
            **values,
        )
    if one.word is Word.WORSE:
        return say(
            "Worse than {rival}: {correct} of {cases} right against {other}. The difference lies,"
            " with 95 % confidence, between {low} and {high} points ({chance}).",
            **values,
        )
    return say(
        "No evidence that it is better or worse than {rival}: {correct} of {cases} right against"
        " {other}. The difference lies, with 95 % confidence, between {low} and {high} points"
        " ({chance}).",
        **values,
    )


def _describe_chance(one: Comparison, rivals: int) -> Text:
    """The p that the word follows from."""
    p = say("p < 0.001") if one.p_holm < 0.001 else say("p = {p}", p=readable(one.p_holm))
    if rivals < 2:
        return p
    return say("{p}, corrected for {rivals} rivals", p=p, rivals=rivals)


def describe_ship(grounds: Grounds, ship: str) -> Text:
    """`ship`: yes, no or undecided."""
    if ship == "yes":
        return _describe_yes(grounds)
    return _describe_no(grounds) if ship == "no" else _describe_undecided(grounds)


def _describe_yes(grounds: Grounds) -> Text:
    if grounds.target is None:
        return say("Ship it: it is better. No target was set (`new --target`).")
    return say(
        "Ship it: it is better, and even the low end of its interval, {low} %, reaches the target"
        " of {target} %.",
        low=_percent(grounds.total.interval[0]),
        target=_percent(grounds.target),
    )


def _describe_no(grounds: Grounds) -> Text:
    found = [
        say("{rival} is better", rival=describe_rival(one.kind, one.name))
        for one in grounds.comparisons
        if one.word is Word.WORSE
    ]
    high = grounds.total.interval[1]
    if grounds.target is not None and high < grounds.target:
        found.append(
            say(
                "even the high end of its own interval, {high} %, misses the target of {target} %",
                high=_percent(high),
                target=_percent(grounds.target),
            )
        )
    return say("Do not ship it: {reasons}.", reasons=_join(found))


def _join(texts: Sequence[Text]) -> Text:
    joined = texts[0]
    for text in texts[1:]:
        joined = say("{first}; {second}", first=joined, second=text)
    return joined


def _describe_undecided(grounds: Grounds) -> Text:
    """What is open, then what would decide it."""
    one, found = grounds.reference, []
    if not grounds.total.cases:
        return say("Not decided: no test case counts.")
    if one is None:
        found.append(say("there is nothing to compare it with"))
    if "reference" in grounds.wanted and one is not None:
        found.append(
            say("whether it beats {rival} is open", rival=describe_rival(one.kind, one.name))
        )
    if "target" in grounds.wanted and grounds.target is not None:
        low, high = grounds.total.interval
        found.append(
            say(
                "whether it reaches {target} % is open (between {low} % and {high} %)",
                target=_percent(grounds.target),
                low=_percent(low),
                high=_percent(high),
            )
        )
    reasons = say("Not decided: {reasons}.", reasons=_join(found))
    advice = _advise_cases(grounds)
    return reasons if advice is None else _string([reasons, advice])


def _advise_cases(grounds: Grounds) -> Text | None:
    one, wanted = grounds.reference, grounds.wanted
    if not wanted:
        return None
    if one is not None and "reference" in wanted and one.is_flattered:
        return say(
            "New cases in the place of those that were trained on would decide:"
            " `evaluate PROJECT --cases FILE`."
        )
    if one is not None and "reference" in wanted and wanted["reference"] is None:
        share = (one.only_tuned_right + one.only_rival_right) / one.cases
        return say(
            "Both are right equally often, so no number of cases would part them if it stays so;"
            " about {cases} would show a difference of {points} points.",
            cases=round_up(cases_to_notice(NOTICEABLE, share)),
            points=round(NOTICEABLE * 100),
        )
    if wanted.get("target", 0) is None:
        return say(
            "The accuracy is exactly the target, so no number of cases would part them if it stays"
            " so: lower the target, or improve the model."
        )
    most = max(number or 0 for number in wanted.values())
    if most > HOPELESS:
        return say(
            "The difference is so small that it would take more than {cases} cases to see it: for"
            " all practical purposes there is none.",
            cases=HOPELESS,
        )
    return say(
        "About {cases} cases in all ({more} more) would decide, if the rates stay as they are:"
        " {where}.",
        cases=round_up(most),
        more=max(1, round_up(most) - grounds.total.cases),
        where=_describe_where(grounds.for_intents),
    )


def _describe_where(intents: Sequence[str]) -> Text:
    if not intents:
        return say("spread evenly over the intents")
    named = ", ".join(intents[:MOST_NAMED])
    others = len(intents) - MOST_NAMED
    if others <= 0:
        return say("first of all for {intents}", intents=named)
    return say(
        "first of all for {intents} and {count} more",
        "first of all for {intents} and {count} more",
        intents=named,
        count=others,
    )


def _percent(share: float) -> Rounded:
    """Whole percents, and one digit more where the share has it: 92.5."""
    return Rounded(share * 100, 0 if round(share * 100, 1).is_integer() else 1)
