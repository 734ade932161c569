"""How the emulator's base model reads the labels out of a system prompt."""

from __future__ import annotations

import pytest

from agent.emulator.model.labels import Label, find_labels

FOUR = ["comprar", "devolver", "queja", "consulta"]


@pytest.mark.parametrize(
    "prompt",
    [
        (
            "Clasifica la intención en una de estas categorías: comprar, devolver, queja o"
            " consulta. Responde solo con ella."
        ),
        "Etiquetas:\n- comprar\n- devolver\n- queja\n- consulta\nResponde con una.",
        "1. comprar\n2. devolver\n3. queja\n4. consulta",
        "• **comprar**\n• **devolver**\n• **queja**\n• **consulta**",
        (
            "Reglas:\n- Responde solo con una palabra y nada más.\n- No expliques nunca tu"
            " respuesta.\n\n* comprar\n* devolver\n* queja\n* consulta"
        ),
        'Responde con "comprar", "devolver", "queja" o "consulta".',
        "Usa `comprar`, `devolver`, `queja` o `consulta`.",
        'Etiquetas válidas: ["comprar", "devolver", "queja", "consulta"]',
        '{"labels": ["comprar", "devolver", "queja", "consulta"]}',
        "Elige una intención (comprar, devolver, queja, consulta) para el mensaje.",
        "Clasifica el mensaje en comprar, devolver, queja o consulta.",
        "Labels: comprar | devolver | queja | consulta",
        "Labels: comprar/devolver/queja/consulta",
        "Choose one of: comprar, devolver, queja, or consulta.",
    ],
)
def test_every_usual_way_to_list_labels_is_understood(prompt: str) -> None:
    assert [label.name for label in find_labels(prompt)] == FOUR


@pytest.mark.parametrize("mark", [": ", " - ", " — ", " → ", " = "])
def test_a_description_beside_a_label_is_kept(mark: str) -> None:
    prompt = (
        f"Intenciones:\n- comprar{mark}quiere adquirir algo\n- card_arrival{mark}asks where the"
        " card is"
    )
    assert find_labels(prompt) == (
        Label("comprar", "quiere adquirir algo"),
        Label("card_arrival", "asks where the card is"),
    )


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        (
            "Eres un clasificador de intenciones. Analiza el texto y determina la intención del"
            " usuario."
        ),
        "Hola, buenos días: soy un asistente muy útil y amable, o eso intento.",
        'Responde con cortesía. Nunca digas "no sé" ni "quizás".',
        (
            "Reglas:\n- Responde siempre con frases cortas y claras.\n- No des nunca consejos de"
            " tipo médico."
        ),
        "Etiquetas: comprar.",
    ],
)
def test_a_prompt_without_a_list_has_no_labels(prompt: str) -> None:
    assert find_labels(prompt) == ()


def test_a_label_named_twice_counts_once() -> None:
    assert [label.name for label in find_labels("- a\n- b\n- a")] == ["a", "b"]


def test_a_long_name_of_one_word_is_a_label_like_any_other() -> None:
    """It must not make the others be overlooked: banking77 has one of 48 letters."""
    long = "balance_not_updated_after_cheque_or_cash_deposit"
    found = find_labels(f"- atm_support\n- {long}")
    assert [label.name for label in found] == ["atm_support", long]
