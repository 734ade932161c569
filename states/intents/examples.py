"""The example set: reading it, and saying exactly what is wrong with it.

build_prompts reads it, and check_data once more; data_rules.py warns of what can be trained but
will not go well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from states.errors import Mistake
from states.intents.document import SHOWN, Document
from states.intents.example_lines import open_examples
from states.intents.findings import Finding
from states.intents.forms import NO_INTENT, form_number, name_form
from states.intents.records import Source
from states.intents.sentences import Examples, Sentences
from states.intents.set_rules import describe_reserved
from states.intents.texts import Texts
from states.text import say


def parse(content: bytes, place: str, minimum: int) -> Examples:
    """`{intent: [sentence, ...]}` from a person's file.

    Raises Mistake, with every mistake and its line, if it cannot be used.
    """
    document = read(content, place)
    refuse_too_few(document.data, place, minimum)
    return document.data  # type: ignore[no-any-return]


def read(content: bytes, place: str) -> Document:
    """`parse` with the lines, however few the sentences are."""
    document = open_examples(lambda: iter((content,)), len(content), place)
    check(document)
    return document


def check(document: Document) -> dict[str, int]:
    """Mistake, with every mistake and its line, if it is no example set.

    Returns intent -> how many of its sentences are there already, where it is not 0."""
    data = document.data
    if not isinstance(data, dict) or not data:
        raise Mistake(
            say(
                '{place}: expected an object {{"intent": ["sentence", …], …}} with at least two'
                " intents.",
                place=document.place,
            )
        )
    _check_names(document)
    repeated = _check_sentences(document)
    document.refuse_mistakes()
    return {intent: count for intent, count in repeated.items() if count}


def list_sentences(document: Document) -> Sentences:
    """The sentences of what `read` accepted, in the order of the file."""
    source = Source(document.place)
    return Sentences(document.data, lambda intent, index: (source, document.line((intent, index))))


def _check_names(document: Document) -> None:
    seen: dict[str, str] = {}
    for intent in document.data:
        if not name_form(intent):
            document.add_mistake((intent,), say("an intent has an empty name"))
            continue
        if intent == NO_INTENT:
            document.add_mistake((intent,), describe_reserved())
        other = seen.setdefault(name_form(intent), intent)
        if other != intent:
            # An answer is read without case and the punctuation around it: it could mean either.
            document.add_mistake(
                (intent,),
                say(
                    "the names {intent} and {other} (line {line}) cannot be told apart: rename one,"
                    " or join the two",
                    intent=repr(intent),
                    other=repr(other),
                    line=document.line((other,)),
                ),
            )


def _check_sentences(document: Document) -> dict[str, int]:
    """Intent -> how many of its sentences are there already."""
    owner: dict[int, str] = {}  # form -> the first intent it stands under
    conflicts: list[tuple[str, int, int]] = []
    repeated: dict[str, int] = {}
    for intent, value in document.data.items():
        if not isinstance(value, list | Texts):
            problem = say("{intent} must be a list of sentences", intent=repr(intent))
            document.add_mistake((intent,), problem)
            continue
        known, empty, others = len(owner), 0, len(conflicts)
        for index, form in enumerate(_forms_of(value)):
            if form is None:
                _refuse_sentence(document, intent, index)
                empty += 1
            elif owner.setdefault(form, intent) is not intent:
                conflicts.append((intent, index, form))
        repeated[intent] = len(value) - empty - (len(owner) - known) - (len(conflicts) - others)
        if not _has_two(value):
            _refuse_small_intent(document, intent)
    _refuse_conflicts(document, conflicts)
    return repeated


def _has_two(sentences: Sequence[object]) -> bool:
    """Two of them differ."""
    forms = (form for form in _forms_of(sentences) if form is not None)
    first = next(forms, None)
    return any(form != first for form in forms)


def _forms_of(sentences: Sequence[object]) -> Iterator[int | None]:
    """The number of the form of each; None for what is no text."""
    if isinstance(sentences, Texts):
        return sentences.form_numbers()
    return (form_number(one) if isinstance(one, str) and one else None for one in sentences)


def _refuse_sentence(document: Document, intent: str, index: int) -> None:
    problem = say(
        "sentence {number} of {intent} is empty or not text",
        number=index + 1,
        intent=repr(intent),
    )
    document.add_mistake((intent, index), problem)


def _refuse_small_intent(document: Document, intent: str) -> None:
    document.add_mistake(
        (intent,),
        say(
            "{intent} has fewer than 2 different sentences, so it cannot be split into training"
            " and validation: add some",
            intent=repr(intent),
        ),
    )


def _refuse_conflicts(document: Document, conflicts: list[tuple[str, int, int]]) -> None:
    first = _find_first(document.data, {form for _, _, form in conflicts})
    for intent, index, form in conflicts:
        other = first[form]
        document.add_mistake(
            (intent, index),
            say(
                "the sentence {sentence} stands under {intent}, and in line {line} under {other}:"
                " keep one",
                sentence=repr(document.data[intent][index]),
                intent=repr(intent),
                line=document.line(other),
                other=repr(other[0]),
            ),
        )


def _find_first(examples: Examples, forms: set[int]) -> dict[int, tuple[str, int]]:
    """Where each of these forms stands first. Few are asked for, so it is looked up only then."""
    found: dict[int, tuple[str, int]] = {}
    for intent, sentences in examples.items() if forms else ():
        for index, form in enumerate(
            _forms_of(sentences) if isinstance(sentences, list | Texts) else ()
        ):
            if form is not None and form in forms:
                found.setdefault(form, (intent, index))
    return found


def refuse_too_few(examples: Examples, place: str, minimum: int) -> None:
    """Mistake if so few sentences cannot be trained on."""
    if len(examples) < 2:
        raise Mistake(
            say(
                "{place}: one intent alone cannot be classified. Add a second one.",
                place=place,
            )
        )
    total = sum(len(s) for s in examples.values())
    if total < minimum:
        raise Mistake(
            say(
                "{place}: {count} sentence in all; the service trains on at least {minimum}, not"
                " counting those set aside for validation. Add some.",
                "{place}: {count} sentences in all; the service trains on at least {minimum}, not"
                " counting those set aside for validation. Add some.",
                place=place,
                count=total,
                minimum=minimum,
            )
        )


def find_warnings(
    counts: Mapping[str, int], repeated: Mapping[str, int], advised: int
) -> list[Finding]:
    """What can be trained but will not go well; `counts`: intent -> different sentences."""
    few = {name: count for name, count in counts.items() if count < advised}
    found = []
    if repeated:
        text = say(
            "{count} repeated sentence is used once ({intents}).",
            "{count} repeated sentences are used once ({intents}).",
            count=sum(repeated.values()),
            intents=_list_counts(repeated),
        )
        found.append(Finding(text, kind="repeated", count=sum(repeated.values())))
    if few:
        text = say(
            "{count} intent has fewer than {advised} sentences ({intents}); {advised} or more are"
            " advised.",
            "{count} intents have fewer than {advised} sentences ({intents}); {advised} or more are"
            " advised.",
            count=len(few),
            advised=advised,
            intents=_list_counts(few),
        )
        found.append(Finding(text, kind="few_sentences", count=len(few)))
    return found


def _list_counts(counts: Mapping[str, int]) -> str:
    told = ", ".join(f"{intent}: {count}" for intent, count in list(counts.items())[:SHOWN])
    return told if len(counts) <= SHOWN else f"{told}, …"
