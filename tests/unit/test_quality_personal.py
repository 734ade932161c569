"""Personal data and secrets are told by kind and row, and never repeated."""

from __future__ import annotations

import json

import pytest

from agent.quality import personal
from agent.quality.quoting import quote, quote_with_intent
from agent.quality.work import Work
from tests.unit.sentences import CASES, of_kind, rows, sentences

VALUES = {
    "email": "ana.perez@correo.es",
    "iban": "ES91 2100 0418 4502 0005 1332",
    "card": "4111 1111 1111 1111",
    "identity": "54362315-K",
    "phone": "+34 612 345 678",
    "password": "contraseña: hunter22",
    "api_key": "sk-abcdefghijklmnopqrstuv12",
    "private_key": "-----BEGIN RSA PRIVATE KEY-----",
}


@pytest.mark.parametrize(("kind", "value"), VALUES.items())
def test_each_kind_is_found_amid_a_sentence(kind: str, value: str) -> None:
    """And taken for no other kind."""
    assert list(personal.kinds_in(f"Mira esto, {value} no va")) == [kind]


@pytest.mark.parametrize("value", ["X-2482300-W", "x2482300w", "54.362.315-K", "54362315k"])
def test_an_identity_number_is_found_however_it_is_written(value: str) -> None:
    """With the marks that people put in it."""
    assert list(personal.kinds_in(f"mi número es {value}")) == ["identity"]


@pytest.mark.parametrize(
    "text",
    [
        "tarjeta 4111 1111 1111 1112",
        "dni 54362315-A",
        "ES92 2100 0418 4502 0005 1332"[:14],
        "el pedido 123456789 no llega",
        "cuesta 1.234.567,89 euros, o 600.000.000",
        "el 12/03/2024 a las 10:30",
        "contraseña: no funciona",
        "he olvidado la clave",
        "escribe a tienda@",
        "tarjeta 0000 0000 0000 0000",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    """The check digits are wrong, or it is a price, a date, a complaint."""
    assert list(personal.kinds_in(text)) == []


def test_only_kind_and_rows_leave_the_check() -> None:
    """Neither a finding nor a figure holds the value, or the sentence around it."""
    texts = [f"Mira, {value}" for value in VALUES.values()]
    work = Work(sentences({"a": texts}), sentences({"a": [texts[0]]}, CASES))
    found = personal.stage(work)
    said = [str(one.text) + str(one.text.as_json()) + str(rows(one)) for one in found.findings]
    told = " ".join([*said, json.dumps(found.figures)])
    assert [value for value in VALUES.values() if value in told or value[-6:] in told] == []
    assert found.figures["personal_data"] == dict.fromkeys(VALUES, 1) | {"email": 2}
    assert rows(of_kind(found, "personal_data")[0]) == ["examples.csv, line 2", "cases.csv, line 2"]
    assert len(of_kind(found, "secret")) == 3


def test_a_finding_of_another_kind_quotes_no_value_either() -> None:
    """A sentence that nearly repeats another, or is a suspect, is shown without it."""
    for value in VALUES.values():
        (one,) = sentences({"a": [f"Mira, {value} no va"]})
        told = str(quote(one)) + str(quote_with_intent(one).as_json())
        assert "Mira" in told
        assert value not in told
        assert value[-6:] not in told
