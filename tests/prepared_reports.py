"""Three evaluations that were made up, better, worse and undecided, and their real reports.

Only the answers are invented, by a seeded generator: the figures, the verdict and the pages come
from the program itself. The tests of the page and docs/pictures.py call this.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from states.evaluation.answers import Answer, AnsweredCase, Evaluation, Neighbour, Rival, RivalKind
from states.evaluation.costs import Price, Tariff
from states.evaluation.perturbations import Perturbation
from states.evaluation.stability import Stability
from states.evaluation.threshold import Threshold
from states.facts import known
from states.intents.cases import Case
from states.model import Project
from states.stages import Evaluated
from states.state import State
from states.steps import analyze
from tests.unit.desk import Desk

INTENTS = (
    "comprar",
    "devolver",
    "queja",
    "consulta_precio",
    "estado_del_pedido",
    "cambiar_direccion",
    "factura",
    "tarjeta_regalo",
    "horario_de_tienda",
    "hablar_con_persona",
)
# What is easily taken for what: (intent, for which).
CONFUSED = {
    "queja": "devolver",
    "devolver": "queja",
    "estado_del_pedido": "cambiar_direccion",
    "consulta_precio": "comprar",
    "hablar_con_persona": "queja",
}
THINGS = ("el abrigo camel", "las botas del 38", "mi pedido 48213", "el vestido verde", "la blusa")
SENTENCES = {
    "comprar": "Quiero comprar {} y pagarlo hoy mismo.",
    "devolver": "Me gustaría devolver {}, no es lo que esperaba.",
    "queja": "Es una vergüenza lo que ha pasado con {}.",
    "consulta_precio": "¿Cuánto cuesta {} con el descuento?",
    "estado_del_pedido": "¿Dónde está {}? Tenía que llegar ayer.",
    "cambiar_direccion": "Mandad {} a otra dirección, por favor.",
    "factura": "Necesito la factura de {} a nombre de mi empresa.",
    "tarjeta_regalo": "¿Puedo pagar {} con una tarjeta regalo?",
    "horario_de_tienda": "¿A qué hora puedo recoger {} en la tienda?",
    "hablar_con_persona": "Pásame con alguien que sepa algo de {}.",
}
BASE = "gpt-4o-mini"


@dataclass(frozen=True)
class Story:
    """How good each candidate is, as the share of right answers, and how many cases there are."""

    cases: int
    tuned: float
    rivals: Mapping[RivalKind, float]
    target: float | None
    intents: Sequence[str] = INTENTS
    outside: int = 0  # cases that no intent fits


STORIES = {
    "better": Story(
        800,
        0.965,
        {RivalKind.BASE: 0.80, RivalKind.FEW_SHOT: 0.88, RivalKind.LOCAL: 0.90},
        0.93,
        outside=40,
    ),
    "worse": Story(
        400, 0.72, {RivalKind.BASE: 0.85, RivalKind.FEW_SHOT: 0.9, RivalKind.LOCAL: 0.86}, 0.9
    ),
    "undecided": Story(
        60, 0.9, {RivalKind.BASE: 0.85, RivalKind.FEW_SHOT: 0.86, RivalKind.LOCAL: 0.88}, 0.85
    ),
}
# Names and sentences that would like to be more than text.
STRANGE = (
    "<script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "שאלה על מחיר",
    "a|b`c`*d*_e_[f](g)",
    "x" * 180,
    "{{ page.project }}{% raw %}",
)
STRANGE_STORY = Story(80, 0.7, {RivalKind.LOCAL: 0.6}, 0.9, intents=STRANGE)
# More intents than a heat map shows.
MANY_STORY = Story(
    3080, 0.85, {RivalKind.LOCAL: 0.8}, None, intents=[f"intencion_{n}" for n in range(77)]
)
STEADY = tuple(Stability(kind, 800, 740 + 11 * n) for n, kind in enumerate(Perturbation))
NAMES = {
    RivalKind.BASE: (BASE, BASE),
    RivalKind.FEW_SHOT: (f"{BASE}, 20-shot", BASE),
    RivalKind.LOCAL: ("TF-IDF", "logistic regression"),
}
PRICE = Price(0.15, 0.6)  # USD per million tokens


def write_report(desk: Desk, name: str, story: Story, language: str) -> Path:
    """The page of a project of that name with the answers of the story."""
    results = desk.results_in(language)
    project = prepare(desk, story, name)
    results.publish(project)
    page = results.report_of(project)
    assert page is not None
    return page


def prepare(desk: Desk, story: Story, name: str = "tienda", seed: int = 1) -> Project:
    """A project that is ANALYZED, at a desk of the tests, with the answers of the story."""
    desk.wish(target=story.target)
    project = desk.go(State.EVALUATED, name)
    model = known(project.facts.trained).model
    tariff = Tariff(100_000, {model: PRICE, BASE: PRICE}, 1.7)
    evaluation = replace(tell(story, seed), tariff=tariff)
    memory = desk.store.memory(project.name)
    counted = evaluation.graded
    right = sum(case.is_correct for case in counted)
    evaluated = Evaluated(
        memory.keep(evaluation.as_json()), len(counted), right, round(right / len(counted), 4)
    )
    trained = replace(known(project.facts.trained), record=memory.keep(_record()))
    facts = replace(project.facts, evaluated=evaluated, trained=trained)
    project = replace(project, facts=facts)
    done = analyze.step(project, desk.ports_for(project))
    return replace(project, facts=done.facts, state=State.ANALYZED)


def tell(story: Story, seed: int = 1) -> Evaluation:
    """The answers. One in ten of the wrong ones names no intent."""
    chance = random.Random(seed)
    cases = [_make_case(number, story, chance) for number in range(story.cases)]
    answered = [_answer(case, story.tuned, story.intents, chance) for case in cases]
    outside = [
        Case(f"fuera-{n}", "out of scope", f"¿Qué tiempo hará el {n % 28 + 1} de marzo?", None)
        for n in range(story.outside)
    ]
    answered += [_answer(case, 0.75, story.intents, chance) for case in outside]
    return Evaluation(
        tuple(story.intents),
        "data/raw/test_cases.json",
        tuple(answered),
        tuple(_rival(kind, share, answered, story, chance) for kind, share in story.rivals.items()),
        {case.case.id: _neighbours(case, chance) for case in answered if not case.is_correct},
        Threshold(0.55, 200) if story.outside else None,
        robustness=STEADY if story.outside else None,
    )


def _make_case(number: int, story: Story, chance: random.Random) -> Case:
    intent = story.intents[int(chance.random() ** 1.4 * len(story.intents))]
    text = f"{_say(intent, chance)} ({number})"
    return Case(f"caso-{number}", chance.choice(("typical", "hard")), text, intent)


def _say(intent: str, chance: random.Random) -> str:
    return SENTENCES.get(intent, f"{intent}: {{}}").replace("{}", chance.choice(THINGS))


def _answer(
    case: Case, share: float, intents: Sequence[str], chance: random.Random
) -> AnsweredCase:
    is_hard = case.expected in CONFUSED
    is_right = chance.random() < (share - 0.04 if is_hard else share + 0.03)
    predicted = case.expected if is_right else _mistake(case, intents, chance)
    sureness = chance.betavariate(9, 1.2) if is_right else chance.betavariate(4, 2.2)
    text = "No lo tengo claro" if predicted is None else predicted
    answer = Answer(
        text,
        round(chance.gauss(0.42, 0.07), 3),
        1,
        probability=None if predicted is None else round(sureness, 4),
        prompt_tokens=118,
        completion_tokens=3,
    )
    return AnsweredCase(case, answer, predicted)


def _mistake(case: Case, intents: Sequence[str], chance: random.Random) -> str | None:
    if chance.random() < 0.1:
        return None
    likely = CONFUSED.get(case.expected or "")
    if likely in intents and chance.random() < 0.7:
        return likely
    return chance.choice([intent for intent in intents if intent != case.expected])


def _rival(
    kind: RivalKind,
    share: float,
    answered: Sequence[AnsweredCase],
    story: Story,
    chance: random.Random,
) -> Rival:
    theirs = [_answer(case.case, share, story.intents, chance) for case in answered]
    prompt = {RivalKind.FEW_SHOT: 903}.get(kind, 118)
    return Rival(
        kind,
        *NAMES[kind],
        tuple(replace(case.answer, prompt_tokens=prompt) for case in theirs),
        tuple(case.predicted for case in theirs),
    )


def _neighbours(case: AnsweredCase, chance: random.Random) -> tuple[Neighbour, ...]:
    named = [case.predicted, case.case.expected, case.predicted]
    return tuple(
        Neighbour(_say(intent, chance), intent, round(0.91 - 0.07 * place, 3))
        for place, intent in enumerate(named)
        if intent is not None
    )


def _record() -> dict[str, Any]:
    """Of a training that learnt, and went on a little too long."""
    chance = random.Random(3)
    curve = [
        {
            "step": step,
            "train_loss": round(1.9 * 0.985**step + 0.05 + abs(chance.gauss(0, 0.06)), 4),
            "valid_loss": round(1.8 * 0.985**step + 0.13 + step / 3000, 4)
            if step % 10 == 0
            else None,
        }
        for step in range(1, 361)
    ]
    resolved = {"n_epochs": 3, "batch_size": 8, "learning_rate_multiplier": 1.0}
    job = {"hyperparameters": resolved, "seed": 42, "trained_tokens": 187_442}
    return {"job": job, "events": [], "loss_curve": curve, "diverged_at": None}
