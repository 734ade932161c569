"""Sentences of a person's file, for the tests of agent/quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from states.intents.findings import Assessment, Finding
from states.intents.records import Source
from states.intents.sentences import Sentence

EXAMPLES, CASES = Source("examples.csv"), Source("cases.csv")

# Two intents that share no word, and vary theirs.
THINGS = ("silla", "mesa", "lámpara", "cama", "estantería", "alfombra", "sofá", "armario")
SHOP: Mapping[str, Sequence[str]] = {
    "comprar": (
        "Quiero comprar una silla de madera",
        "¿Cuánto cuesta la mesa grande?",
        "Añade la lámpara roja a mi cesta",
        "Me interesa adquirir ese sofá azul",
        "¿Tenéis camas de matrimonio a la venta?",
        "Necesito un armario nuevo para casa",
        "Ponme dos estanterías blancas",
        "¿Puedo encargar la alfombra persa?",
    ),
    "devolver": (
        "El paquete llegó roto y quiero mi dinero",
        "¿Cómo hago una devolución?",
        "Deseo un reembolso por el pedido defectuoso",
        "Me habéis enviado otra talla, la devuelvo",
        "No funciona, vengan a recogerlo",
        "¿Cuántos días tengo para cambiarlo?",
        "Exijo que me reintegréis el importe",
        "Está estropeado, mandadme otro ejemplar",
    ),
}


def sentences(intents: Mapping[str, Sequence[str]], source: Source = EXAMPLES) -> list[Sentence]:
    """In the order given; the header is line 1, so the first sentence is in line 2."""
    pairs = [(text, intent) for intent, texts in intents.items() for text in texts]
    return [Sentence(text, intent, source, row) for row, (text, intent) in enumerate(pairs, 2)]


def of_kind(found: Assessment | Sequence[Finding], kind: str) -> list[Finding]:
    findings = found.findings if isinstance(found, Assessment) else found
    return [finding for finding in findings if finding.kind == kind]


def rows(finding: Finding) -> list[str]:
    return [str(row) for row in finding.rows]
