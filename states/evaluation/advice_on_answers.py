"""What to change in the sentences, from the wrong answers. suggestions.py collects it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from states.evaluation.answers import AnsweredCase
from states.evaluation.confusions import Confusion, find_confusions
from states.evaluation.evidence import Evidence, Suggestion
from states.evaluation.out_of_scope import is_rejected
from states.evaluation.scores import score_per_intent
from states.intents.forms import NO_INTENT
from states.remote import Finish
from states.text import say

LEAST = 2  # cases: one slip alone is no finding
MOST_PAIRS, MOST_INTENTS = 5, 3
_LONGEST = 80  # characters of an answer that is quoted


def suggest_for_answers(evidence: Evidence, bounds: Mapping[str, Any]) -> list[Suggestion]:
    """Each wrong answer is the business of one suggestion: of a pair of intents, of answers that
    name none, of one intent, or of the whole set."""
    wrong = [case for case in evidence.graded if not case.is_correct]
    pairs = [one for one in find_confusions(wrong) if len(one.there) >= LEAST][:MOST_PAIRS]
    told = {id(case) for pair in pairs for case in pair.cases}
    nameless = [case for case in wrong if _is_nameless(case)]
    told |= {id(case) for case in nameless} if len(nameless) >= LEAST else set()
    rest = [case for case in wrong if id(case) not in told]
    return [
        *(_part(pair, evidence) for pair in pairs),
        *(_name(nameless, evidence) if len(nameless) >= LEAST else ()),
        *_strengthen(rest, evidence),
        *(_collect(len(rest), evidence) if _is_low(evidence, bounds) else ()),
        *_review(evidence, wrong, _is_low(evidence, bounds)),
        *_reject(evidence),
    ]


def _is_low(evidence: Evidence, bounds: Mapping[str, Any]) -> bool:
    return bool((evidence.total.accuracy or 0.0) < bounds["low_accuracy"])


def _part(pair: Confusion, evidence: Evidence) -> Suggestion:
    text = say(
        "Part {expected} from {answered}: {count} of {total} graded cases mix the two up ({there}"
        " of {expected} answered {answered}, {back} the other way). Write sentences for each that"
        " only it can mean, in the words of these cases; where two people would not agree, join the"
        " two intents, or say in intents.json what parts them.",
        expected=pair.expected,
        answered=pair.answered,
        count=pair.count,
        total=len(evidence.graded),
        there=len(pair.there),
        back=len(pair.back),
    )
    nearest = pair.find_nearest(evidence.evaluation.neighbours)
    if nearest:
        quoted = tuple(
            say("«{sentence}» ({intent})", sentence=one.text, intent=one.intent) for one in nearest
        )
        text = say(
            "{advice} The training sentences that are nearest to them:\n{sentences}",
            advice=text,
            sentences=quoted,
        )
    return Suggestion("confusion", text, evidence.share(pair.count))


def _is_nameless(case: AnsweredCase) -> bool:
    """What was refused, filtered or cut off has advice of its own (finishes.py)."""
    return case.predicted is None and case.answer.finish is Finish.STOP


def _name(nameless: Sequence[AnsweredCase], evidence: Evidence) -> list[Suggestion]:
    text = say(
        "Teach the model to name an intent: {count} of {total} graded answers name none, such as"
        " «{sentence}». More epochs, sentences like those cases, or a system prompt that asks for"
        " the name alone, may help.",
        count=len(nameless),
        total=len(evidence.graded),
        sentence=nameless[0].answer.text.strip()[:_LONGEST],
    )
    return [Suggestion("no_intent", text, evidence.share(len(nameless)))]


def _strengthen(rest: Sequence[AnsweredCase], evidence: Evidence) -> list[Suggestion]:
    """The intents that lose most of the cases that no pair explains."""
    lost = Counter(case.case.expected or NO_INTENT for case in rest)
    ranked = sorted(lost.items(), key=lambda item: (-item[1], item[0]))
    per_intent, overall = score_per_intent(evidence.graded), evidence.total.accuracy or 0.0
    found = []
    for intent, wrong in ranked[:MOST_INTENTS]:
        if wrong < LEAST:
            break
        values: dict[str, str | int] = {
            "intent": intent, "count": wrong, "cases": per_intent[intent].cases,
        }  # fmt: skip
        if per_intent[intent].interval[1] < overall:
            text = say(
                "Write more sentences for {intent}: {count} of its {cases} cases are answered"
                " wrong, in different ways, and it is worse than the others are.",
                **values,
            )
        else:
            text = say(
                "Look at {intent}: {count} of its {cases} cases are answered wrong, in different"
                " ways. With so few test cases that may be chance: add some for it; if it stays"
                " behind, write more sentences for it.",
                **values,
            )
        found.append(Suggestion("balance", text, evidence.share(wrong)))
    return found


def _collect(rest: int, evidence: Evidence) -> list[Suggestion]:
    if not rest:
        return []
    text = say(
        "Collect more sentences for every intent: {percent} % is low, and few examples are the"
        " usual cause.",
        percent=round((evidence.total.accuracy or 0.0) * 100),
    )
    return [Suggestion("more_data", text, evidence.share(rest))]


def _review(evidence: Evidence, wrong: Sequence[AnsweredCase], is_low: bool) -> list[Suggestion]:
    """Labels to be read again: those that the check of the data suspects, else where it is low."""
    if evidence.suspects:
        pairs = {frozenset(pair) for pair in evidence.suspects}
        hit = sum(frozenset((case.case.expected, case.predicted)) in pairs for case in wrong)
        text = say(
            "Read the label of {count} training sentence again, which the check of the data"
            " suspects (`check`): {hit} between the same intents.",
            "Read the labels of {count} training sentences again, which the check of the data"
            " suspects (`check`): {hit} between the same intents.",
            count=len(evidence.suspects),
            hit=say("{count} wrong answer is", "{count} wrong answers are", count=hit),
        )
        return [Suggestion("label_errors", text, evidence.share(hit) if hit else None)]
    if not is_low:
        return []
    text = say(
        "Read the labels again: sentences that two people would label differently teach the model"
        " to guess."
    )
    return [Suggestion("review_labels", text)]


def _reject(evidence: Evidence) -> list[Suggestion]:
    """Sentences that no intent fits, and that are answered with one all the same."""
    outside, chosen = evidence.evaluation.out_of_scope, evidence.evaluation.threshold
    threshold = None if chosen is None else chosen.probability
    missed = [case for case in outside if not is_rejected(case, threshold)]
    if len(missed) < LEAST:
        return []
    likeliest = Counter(case.predicted for case in missed).most_common(1)[0][0]
    text = say(
        "Teach the model what fits no intent: {count} of {cases} such sentences are answered with"
        " one, most often {intent}. An intent of their own for them, with sentences of that kind,"
        " is what helps.",
        count=len(missed),
        cases=len(outside),
        intent=likeliest or NO_INTENT,
    )
    return [Suggestion("out_of_scope", text, len(missed) / (len(outside) + len(evidence.graded)))]
