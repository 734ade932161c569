"""One is not many: a number that may be 1 stands before no plural, in either language."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from agent.views.language import translator
from states.money.estimate import TrainingEstimate
from states.text import Text

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".ci"))
import catalogue as ci  # noqa: E402  what `make locale` runs

sys.path.pop(0)

SPANISH = ci.read(ci.LOCALE / "es" / "LC_MESSAGES" / "afinador.po")
NOUNS = (
    r"(?:graded|wrong) answers|candidates|cases|cells|characters|checkpoints|columns|days"
    r"|deployments|epochs|examples"
    r"|files|generations|hours|intents|items|jobs|lines|minutes|months|objects|ones|places|points"
    r"|projects|questions|rivals|rows|seconds|sentences|steps|times|tokens|values|words"
    r"|aciertos|archivos|bytes|caracteres|casos|celdas|columnas|despliegues|d[ií]as|dudosas|épocas"
    r"|ejemplos|filas|frases|horas|intenciones|líneas|meses|minutos|objetos|palabras|pasos"
    r"|preguntas|proyectos|puntos|respuestas|rivales|segundos|trabajos|valores|veces"
)
COUNTED = re.compile(rf"\{{(\w+)\}} (?:[a-záéíóúñ-]+ ){{0,2}}?(?:{NOUNS})\b")
# What is never one there: how a template begins, and why.
NEVER_ONE = {
    "{count} of them": "a constant",
    "{count} projects: {states}": "told where there are dozens",
    "{count} of {most} files": "a limit of the service",
    "{count} objects at the service": "one is none too many",
    "{count} cells, where the first row": "more than the first row has",
    "{count} values, where the first item": "more than the first item has",
    "a line of more than {limit}": "a limit",
    "the sentence is longer than": "a limit",
    "the intent's name is longer than": "a limit",
    "The name {intent} has {count} tokens": "more than a limit",
    "All but personal data": "a sample of thousands",
    "Near duplicates and other": "a sample of thousands",
    "More data would help: from": "of a learning curve",
    "More of the same data": "of a learning curve",
    "Whether more data would help": "of a learning curve",
    "The local classifier looked at": "of thousands",
    "{one} and {other}: {count} of {total}": "of two intents",
    "{points} points": "with a digit after the point",
    "difference {difference} points": "with a digit after the point",
    "Better than {rival}": "with a digit after the point",
    "Worse than {rival}": "with a digit after the point",
    "No evidence that it is better": "with a digit after the point",
    "Both are right equally often": "constants",
    "The difference is so small": "a constant",
    "About {cases} cases in all": "in whole tens",
    "Add test cases: with {cases}": "in whole tens",
    "{p}, corrected for {rivals}": "one is not corrected for",
    "Add test cases for {intents}: {count} of {all}": "one intent is no classifier",
    "Add test cases for {intents}: {count} intent has": "a constant",
    "Part {expected} from": "a pair is two cases",
    "Write more sentences for {intent}": "at least two wrong ones",
    "Look at {intent}": "at least two wrong ones",
    "Teach the model": "at least two wrong ones",
    "None of the {count} test cases counts": "one case has sentences of its own",
    "{count} intent has fewer than": "a constant",
    "{place}: the instruction that lists": "hundreds",
    "{most} has {count} sentences": "several times the fewest",
    "the Developer deployment": "24",
    "The Developer deployment": "24",
    "While {count} deployments": "two or more",
    "{model}, {epochs}: {tokens} tokens": "a file of ten examples has hundreds",
    "{count} question to be asked": "each has dozens",
    "questions to {candidate}": "each has dozens",
    "{count} tokens for the whole job": "more than a limit",
    "{where}: {count} tokens": "more than a limit",
    "{place}: {size} bytes": "more than a limit",
    "training {model}": "a file of ten examples has hundreds",
    "Training {model} costs": "a file of ten examples has hundreds",
}


def _forms() -> Iterator[tuple[str, str, bool]]:
    """(template, what is said of many, whether `count` has chosen that), in either language."""
    for message in SPANISH:
        if not message.id:
            continue
        if isinstance(message.id, str):
            yield from ((message.id, one, False) for one in (message.id, message.string))
        else:
            yield from ((message.id[0], f[1], True) for f in (message.id, message.string))


def test_a_number_before_a_plural_has_a_form_for_one() -> None:
    """By a plural of the sentence, or, where it has several numbers, by a Text of their own."""
    wrong = [
        f"{name}: {said}"
        for template, said, has_forms in _forms()
        for name in COUNTED.findall(said)
        if not (has_forms and name == "count") and not template.startswith(tuple(NEVER_ONE))
    ]
    assert wrong == []


def test_whoever_is_excused_is_still_said() -> None:
    templates = [template for template, _, _ in _forms()]
    assert [one for one in NEVER_ONE if not any(t.startswith(one) for t in templates)] == []


def test_one_epoch_is_told_as_one() -> None:
    told = TrainingEstimate("gpt-x", 1, 6064, None).text
    assert str(told) == "training gpt-x: 6064 tokens in 1 epoch; no price is known"
    assert "en 1 época;" in translator("es")(Text.from_json(told.as_json()) or told)
    many = TrainingEstimate("gpt-x", 3, 6064, None).text
    assert "3 epochs" in str(many) and "3 épocas" in translator("es")(many)
