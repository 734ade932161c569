"""The emulator's chat: JSON and tools are given as asked for or refused, and nothing is ignored."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from agent.emulator.resources.chat_parameters import FOLLOWED, REFUSED, WITHOUT_EFFECT
from tests.contract.running import Running
from tests.contract.sentences import SYSTEM

SAID = "quiero devolver la lámpara"
MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": SAID}]
LABELS = ("comprar", "devolver", "queja", "consulta")


class Label(StrEnum):
    comprar = "comprar"
    devolver = "devolver"
    queja = "queja"


class Intent(BaseModel):
    intent: Label
    sure: bool


def tool(name: str, **properties: Any) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


TOOLS = [tool("comprar", text={"type": "string"}), tool("devolver", text={"type": "string"})]


def ask(on: Running, **asked: Any) -> Any:
    given: dict[str, Any] = {"model": "gpt-4o-mini", "messages": MESSAGES, "temperature": 0}
    return on.sdk.chat.completions.create(**{**given, **asked}).choices[0]


def refusal(on: Running, **asked: Any) -> tuple[int, str | None]:
    with pytest.raises(openai.APIStatusError) as caught:
        ask(on, **asked)
    return caught.value.status_code, caught.value.param


def test_an_answer_is_an_object_where_one_is_asked_for(plain: Running) -> None:
    told = [{"role": "system", "content": f"{SYSTEM} Answer in JSON."}, MESSAGES[1]]
    plainly = ask(plain, messages=told)
    shaped = ask(plain, messages=told, response_format={"type": "json_object"})
    assert json.loads(shaped.message.content) == {"label": plainly.message.content}
    assert refusal(plain, response_format={"type": "json_object"}) == (400, "messages")


def test_an_answer_is_as_its_schema_says_in_the_sdks_own_helper(plain: Running) -> None:
    """A base model that is told of no labels chooses among those of the schema."""
    for messages in (MESSAGES, MESSAGES[1:]):
        for client in (plain.sdk, plain.v1):
            said = client.chat.completions.parse(
                model="gpt-4o-mini", messages=messages, temperature=0, response_format=Intent
            )
            assert said.choices[0].message.parsed.intent in Label
    told = ask(plain, messages=MESSAGES, logprobs=True, response_format=schema_of(Intent))
    assert "".join(one.token for one in told.logprobs.content) == told.message.content


def schema_of(model: type[BaseModel], **changes: Any) -> dict[str, Any]:
    schema = {**model.model_json_schema(), "additionalProperties": False, **changes}
    return {
        "type": "json_schema",
        "json_schema": {"name": "intent", "schema": schema, "strict": True},
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"additionalProperties": True},
        {"required": ["intent"]},
        {"patternProperties": {}},
        {"type": "array"},
    ],
    ids=json.dumps,
)
def test_a_strict_schema_is_held_to_the_rules_of_strict_schemas(
    plain: Running, changes: dict[str, Any]
) -> None:
    assert refusal(plain, response_format=schema_of(Intent, **changes)) == (400, "response_format")


def test_a_schema_is_refused_where_it_does_not_exist(plain: Running) -> None:
    old = plain.client("2024-06-01")
    with pytest.raises(openai.BadRequestError, match="2024-08-01-preview and later"):
        old.chat.completions.create(
            model="gpt-4o-mini",
            messages=MESSAGES,  # type: ignore[arg-type]
            response_format=schema_of(Intent),  # type: ignore[arg-type]
        )
    for wrong in ({"type": "xml"}, "json", {"type": "json_schema"}):
        assert refusal(plain, response_format=wrong) == (400, "response_format")


def test_a_model_calls_the_tool_whose_name_it_would_have_answered(plain: Running) -> None:
    label = ask(plain).message.content
    called = ask(plain, tools=[tool(name, text={"type": "string"}) for name in LABELS])
    [call] = called.message.tool_calls
    assert (called.finish_reason, called.message.content) == ("tool_calls", None)
    assert (call.function.name, json.loads(call.function.arguments)) == (label, {"text": label})
    assert call.id.startswith("call_")
    other = [tool("otra_cosa", text={"type": "string"})]
    assert ask(plain, tools=other).message.content == label
    assert ask(plain, tools=TOOLS, tool_choice="none").message.tool_calls is None
    results = [
        *MESSAGES,
        {"role": "assistant", "content": None, "tool_calls": [call.model_dump()]},
        {"role": "tool", "tool_call_id": call.id, "content": "done"},
    ]
    assert ask(plain, messages=results, tools=TOOLS).message.content == label


def test_a_tool_is_called_where_one_is_required(plain: Running) -> None:
    required = ask(plain, tools=TOOLS, tool_choice="required", messages=MESSAGES[1:])
    assert required.finish_reason == "tool_calls"
    assert required.message.tool_calls[0].function.name in ("comprar", "devolver")
    given = [tool("note", intent={"type": "string", "enum": list(LABELS)}, when={"type": "null"})]
    named = {"type": "function", "function": {"name": "note"}}
    called = ask(plain, tools=given, tool_choice=named)
    assert called.finish_reason == "stop"
    arguments = json.loads(called.message.tool_calls[0].function.arguments)
    assert arguments == {"intent": ask(plain).message.content, "when": None}


def test_the_call_of_a_tool_is_streamed(plain: Running) -> None:
    asked = {"model": "gpt-4o-mini", "messages": MESSAGES, "temperature": 0, "tools": TOOLS}
    with plain.v1.chat.completions.stream(**{**asked, "tool_choice": "required"}) as stream:
        final = stream.get_final_completion().choices[0]
    assert final.finish_reason == "tool_calls"
    [call] = final.message.tool_calls
    assert json.loads(call.function.arguments)["text"]


@pytest.mark.parametrize(
    ("asked", "param"),
    [
        ({"tools": []}, "tools"),
        ({"tools": [{"type": "custom"}]}, "tools[0].function"),
        ({"tools": [tool("two words")]}, "tools[0].function"),
        ({"tools": TOOLS, "tool_choice": "sometimes"}, "tool_choice"),
        ({"tools": TOOLS, "tool_choice": {"function": {"name": "no"}}}, "tool_choice"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"top_logprobs": 2}, "top_logprobs"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"logit_bias": {"a": 1}}, "logit_bias"),
        ({"logit_bias": {"1": 101}}, "logit_bias"),
        ({"frequency_penalty": 3}, "frequency_penalty"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(plain: Running, asked: dict[str, Any], param: str) -> None:
    body = {"messages": MESSAGES, **asked}
    path = "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-12-01-preview"
    reply = plain.ask("POST", path, body)
    assert (reply.status, reply.body["error"]["param"]) == (400, param)


def test_no_parameter_is_ignored_without_a_word(plain: Running) -> None:
    """Each is followed, or is known to change nothing, or is refused by its name."""
    path = "/openai/v1/chat/completions"
    given: dict[str, Any] = {
        "n": 1,
        "top_p": 1,
        "stop": ["x"],
        "seed": 1,
        "max_tokens": 9,
        "logit_bias": {"1": 1},
        "logprobs": True,
        "top_logprobs": 1,
        "response_format": {"type": "text"},
        "stream": False,
        "user": "a",
        "metadata": {},
        "store": False,
    }
    needed = {"messages", "model", "stream_options", "tools", "tool_choice"}
    for name in (*FOLLOWED, *WITHOUT_EFFECT):
        if name not in needed:
            logs = {"logprobs": True} if name == "top_logprobs" else {}
            body = {"model": "gpt-4o-mini", "messages": MESSAGES, **logs, name: given.get(name)}
            assert plain.ask("POST", path, body).status == 200, name
    for name in (*REFUSED, "nobody_knows"):
        body = {"model": "gpt-4o-mini", "messages": MESSAGES, name: "anything"}
        error = plain.ask("POST", path, body).body["error"]
        assert error["param"] == name, name
        assert name in error["message"]
