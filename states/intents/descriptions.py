"""intents.json: what a person says of each intent, for the instruction of the model."""

from __future__ import annotations

from collections.abc import Collection

from states.errors import Mistake
from states.intents.annotated_json import AnnotatedJson
from states.text import say, with_suggestion


def parse(content: bytes | None, place: str, intents: Collection[str]) -> dict[str, str]:
    """`{intent: description}`; empty where there is no file.

    Raises Mistake, with every mistake and its line, if it cannot be used.
    """
    if content is None:
        return {}
    document = AnnotatedJson(content, place)
    if not isinstance(document.data, dict):
        raise Mistake(
            say(
                '{place}: expected an object {{"intent": "description", …}}.',
                place=place,
            )
        )
    for name, description in document.data.items():
        if not isinstance(description, str):
            problem = say("the description of {intent} is not text", intent=repr(name))
            document.add_mistake((name,), problem)
        elif name not in intents:
            unknown = say("there is no intent {intent}", intent=repr(name))
            suggested = with_suggestion(unknown, name, intents, is_inside=True)
            document.add_mistake((name,), suggested)
    document.refuse_mistakes()
    return {name: text for name, text in document.data.items() if text}
