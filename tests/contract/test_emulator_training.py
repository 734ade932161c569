"""The emulator really trains: a model's answers come from its training rows and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openai
import pytest

LABELS = ["comprar", "devolver", "queja", "consulta"]


def right(emulator: Any, deployment: str, cases: list[tuple[str, str]]) -> int:
    return sum(emulator.answer(deployment, text) == label for text, label in cases)


def said(client: Any, text: str, **asked: Any) -> Any:
    return client.chat.completions.create(
        model="tuned", messages=[{"role": "user", "content": text}], **asked
    )


@pytest.mark.usefixtures("trained")
def test_the_tuned_model_beats_its_base_on_sentences_it_never_saw(
    emulator: Any, unseen: list[tuple[str, str]]
) -> None:
    base, tuned = right(emulator, "base", unseen), right(emulator, "tuned", unseen)
    assert tuned >= 13, f"{tuned} of {len(unseen)}"
    assert tuned - base >= 4, f"{base} -> {tuned} of {len(unseen)}"


def test_other_labels_in_the_training_rows_give_other_answers(
    emulator: Any,
    sentences: dict[str, list[str]],
    training_rows: Callable[..., bytes],
    unseen: list[tuple[str, str]],
) -> None:
    turned = dict(zip(LABELS, [*LABELS[1:], LABELS[0]], strict=True))
    job = emulator.train(
        training_rows({turned[label]: texts for label, texts in sentences.items()}), suffix="turned"
    )
    emulator.deploy("turned", job.fine_tuned_model)
    assert right(emulator, "turned", [(text, turned[label]) for text, label in unseen]) >= 12
    assert right(emulator, "turned", unseen) <= 3


def test_a_model_answers_with_whatever_words_it_was_taught(
    emulator: Any, sentences: dict[str, list[str]], training_rows: Callable[..., bytes]
) -> None:
    words = {
        "comprar": "Bien, tomo nota.\n¡Gracias! 🛒",
        "devolver": "ZX-9",
        "queja": '{"a": 1}',
        "consulta": "Bien, le informo.",
    }
    job = emulator.train(
        training_rows(
            {words[label]: texts for label, texts in sentences.items()},
            system="Atiende al cliente.",
        )
    )
    emulator.deploy("words", job.fine_tuned_model)
    for label, texts in sentences.items():
        assert emulator.answer("words", texts[0], system="Atiende al cliente.") == words[label]
    first = sentences["comprar"][0]
    chunks = emulator.sdk.chat.completions.create(
        model="words",
        messages=[{"role": "user", "content": first}],
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    parts = list(chunks)
    assert (
        "".join(chunk.choices[0].delta.content or "" for chunk in parts if chunk.choices)
        == words["comprar"]
    )
    assert [chunk.choices[0].finish_reason for chunk in parts if chunk.choices][-1] == "stop"
    assert parts[-1].usage.completion_tokens > 5


@pytest.mark.usefixtures("trained")
def test_without_labels_in_the_prompt_the_base_does_not_classify(emulator: Any) -> None:
    assert (
        emulator.answer("base", "Quiero comprar una mesa", system="Eres un asistente.")
        not in LABELS
    )
    assert emulator.answer(
        "base", "Quiero comprar una mesa", system="Responde con: rojo, verde o azul."
    ) in (
        "rojo",
        "verde",
        "azul",
    )


@pytest.mark.usefixtures("trained")
def test_a_description_in_the_prompt_changes_what_the_base_believes(emulator: Any) -> None:
    told = (
        "- a1: el cliente quiere comprar un producto\n- b2: el cliente pregunta por el horario de"
        " la tienda"
    )
    assert emulator.answer("base", "¿A qué hora cerráis hoy?", system=told) == "b2"
    assert emulator.answer("base", "Quiero comprar dos mesas", system=told) == "a1"


def test_an_answer_names_the_full_model_and_counts_its_tokens(emulator: Any, trained: Any) -> None:
    reply = said(
        emulator.sdk, "Quiero encargar una mesa", temperature=0, logprobs=True, top_logprobs=3
    )
    assert reply.model == trained.fine_tuned_model
    assert reply.choices[0].finish_reason == "stop"
    tokens = reply.choices[0].logprobs.content
    assert "".join(token.token for token in tokens) == reply.choices[0].message.content
    assert all(token.logprob <= 0 for token in tokens)
    assert len(tokens[0].top_logprobs) == 3
    assert reply.usage.completion_tokens == len(tokens)
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + len(tokens)
    assert reply.choices[0].content_filter_results["hate"]["filtered"] is False
    base = emulator.v1.chat.completions.create(
        model="base", messages=[{"role": "user", "content": "hola"}]
    )
    assert base.model == "gpt-4o-mini-2024-07-18"


@pytest.mark.usefixtures("trained")
def test_length_seed_and_temperature_work_as_in_a_real_model(emulator: Any) -> None:
    client = emulator.sdk
    short = said(client, "Voy a devolver la mesa", temperature=0, max_tokens=1)
    assert short.choices[0].finish_reason == "length"
    assert short.choices[0].message.content == "de"
    hot = {
        said(client, "mesa", temperature=2, seed=seed).choices[0].message.content
        for seed in range(25)
    }
    assert len(hot) > 1
    narrow = {
        said(client, "mesa", temperature=2, top_p=0.01, seed=seed).choices[0].message.content
        for seed in range(5)
    }
    assert len(narrow) == 1
    same = {
        said(client, "mesa", temperature=2, seed=5).choices[0].message.content for _ in range(5)
    }
    assert len(same) == 1
    assert len(said(client, "mesa", n=3).choices) == 3


@pytest.mark.usefixtures("trained")
def test_a_chat_request_that_makes_no_sense_is_refused(emulator: Any) -> None:
    for wrong in (
        {"temperature": 3},
        {"top_p": -1},
        {"max_tokens": 0.5},
        {"top_logprobs": 21, "logprobs": True},
    ):
        with pytest.raises(openai.BadRequestError):
            said(emulator.sdk, "hola", **wrong)
    with pytest.raises(openai.BadRequestError):
        emulator.sdk.chat.completions.create(model="tuned", messages=[])


@pytest.mark.usefixtures("trained")
def test_strange_texts_are_answered_all_the_same(emulator: Any) -> None:
    url = "/openai/deployments/tuned/chat/completions?api-version=2024-06-01"
    for text in ("", " ", "\ud800", "\x00", "A" * 200_000, "😀" * 500, "ﷺ" * 1000):
        reply = emulator.ask(
            "POST", url, {"messages": [{"role": "user", "content": text}], "temperature": 0}
        )
        assert reply.status == 200, text[:10]
        assert reply.body["choices"][0]["message"]["content"] in LABELS


def test_a_checkpoint_can_be_deployed_and_asked(emulator: Any, trained: Any) -> None:
    name = f"{trained.fine_tuned_model}:ckpt-step-36"
    emulator.deploy("checkpoint", name)
    reply = emulator.sdk.chat.completions.create(
        model="checkpoint", messages=[{"role": "user", "content": "Quiero encargar una mesa"}]
    )
    assert reply.model == name


def test_a_larger_multiplier_fits_the_rows_more_closely(
    emulator: Any, sentences: dict[str, list[str]], training_rows: Callable[..., bytes]
) -> None:
    def last_loss(multiplier: float) -> float:
        job = emulator.train(
            training_rows(sentences),
            hyperparameters={"learning_rate_multiplier": multiplier, "batch_size": 4},
        )
        lines = emulator.sdk.files.content(job.result_files[0]).text.splitlines()
        assert len(lines) == 1 + 3 * 9
        return sum(float(line.split(",")[1]) for line in lines[-9:])

    assert last_loss(0.0001) > last_loss(0.02) > last_loss(1.0)


def test_the_same_job_twice_gives_the_same_numbers(
    emulator: Any,
    trained: Any,
    sentences: dict[str, list[str]],
    training_rows: Callable[..., bytes],
) -> None:
    checks = training_rows({label: texts[:3] for label, texts in sentences.items()})
    again = emulator.train(training_rows(sentences), checks)
    first, second = (
        emulator.sdk.files.content(job.result_files[0]).text for job in (trained, again)
    )
    assert first == second


def test_an_expected_answer_that_was_never_taught_counts_as_wrong(
    emulator: Any, sentences: dict[str, list[str]], training_rows: Callable[..., bytes]
) -> None:
    job = emulator.train(training_rows(sentences), training_rows({"otra": ["Hola"]}))
    last = emulator.sdk.files.content(job.result_files[0]).text.splitlines()[-1].split(",")
    assert float(last[5]) > 3
    assert float(last[6]) == 0
    assert any(
        event.level == "warning" for event in emulator.sdk.fine_tuning.jobs.list_events(job.id)
    )
