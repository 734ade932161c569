"""The answer to one sentence, for a terminal and as JSON. The command `ask` calls this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agent.engine.single_question import Asked
from agent.views.language import Translate
from agent.views.layout import print_wrapped
from agent.views.screen import Screen, Styled
from states.text import Rounded, Text, say


def render_asked(screen: Screen, asked: Asked, translate: Translate) -> None:
    """The intent first, then what is known of it, then the training sentences that are near."""
    named = asked.predicted or translate(say("no intent: {answer}", answer=asked.answer.text))
    screen.print(Styled(named, style="bold"))
    for told in _describe(asked):
        print_wrapped(screen, Styled(f"  {translate(told)}"), "    ")
    if asked.neighbours:
        screen.print(Styled(translate(say("Nearest training sentences:"))))
    for near in asked.neighbours:
        similarity = translate(say("{number}", number=Rounded(near.similarity, 2)))
        screen.print(Styled(f"  {similarity}  {near.intent}  {near.text}"))


def _describe(asked: Asked) -> Iterator[Text]:
    chance = asked.answer.probability
    if chance is None:
        yield say("confidence: unknown, the service gives none")
    else:
        yield say("confidence: {percent} %", percent=Rounded(chance * 100, 1))
    for intent, other in list(asked.answer.others.items())[:3]:
        yield say("else {intent}: {percent} %", intent=intent, percent=Rounded(other * 100, 1))
    if asked.is_new:
        yield say(
            "{seconds} s, {deployment}, generation {generation}",
            seconds=Rounded(asked.answer.latency_seconds, 2),
            deployment=asked.deployment,
            generation=asked.generation,
        )
    else:
        yield say(
            "it was asked before, and paid then: {deployment}, generation {generation}",
            deployment=asked.deployment,
            generation=asked.generation,
        )
    if asked.local is not None:
        yield say("the free local classifier says: {intent}", intent=asked.local)


def asked_json(project: str, asked: Asked) -> dict[str, Any]:
    """`confidence`: null where the service gives none. `local`: null without its libraries."""
    return {
        "schema": 1,
        "project": project,
        "generation": asked.generation,
        "model": asked.model,
        "deployment": asked.deployment,
        "text": asked.sentence,
        "intent": asked.predicted,
        "answer": asked.answer.text,
        "confidence": asked.answer.probability,
        "others": dict(asked.answer.others),
        "latency_seconds": asked.answer.latency_seconds,
        "asked_now": asked.is_new,
        "local": asked.local,
        "neighbours": [near.as_json() for near in asked.neighbours],
    }
