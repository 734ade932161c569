"""What a model says in a chat: text, JSON, or the call of a tool.

chat.py calls `answer`. A model knows its answers and nothing of tools: it calls the one whose name
it would have answered, with its answer in the arguments.
"""

from __future__ import annotations

from dataclasses import replace

from agent.emulator.model.sampling import Prediction, SampledText, sample
from agent.emulator.model.structured import SchemaRefusedError, list_choices, predict_json
from agent.emulator.model.tokens import Message
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.chat_request import ChatRequest
from agent.emulator.resources.chat_tools import AUTO, NONE, Tools
from agent.emulator.resources.json_schema import Structure


def tell_choices(chat: ChatRequest) -> tuple[Message, ...]:
    """The conversation, with the words that a schema or the tools allow: a base model that is told
    of no others chooses among them."""
    choices: list[str] = []
    if chat.tools is not None and chat.tools.choice not in (AUTO, NONE):
        if not chat.tools.is_named:
            choices = list(chat.tools.parameters)
        else:
            choices = list_choices(chat.tools.parameters[chat.tools.choice].schema)
    elif chat.structure is not None:
        choices = list_choices(chat.structure.schema)
    if len(choices) < 2:
        return chat.messages
    return (*chat.messages, ("system", f"Answer with one of: {', '.join(choices)}."))


def answer(prediction: Prediction, chat: ChatRequest, salt: str) -> SampledText:
    """One answer. Raises ServiceError for a schema that nothing here can be written by."""
    if chat.tools is not None and chat.tools.choice != NONE:
        name = _choose_tool(prediction, chat, chat.tools, salt)
        if name is not None:
            arguments = _say(prediction, chat, chat.tools.parameters[name], salt)
            ended = arguments.finish_reason
            if ended == "stop" and not chat.tools.is_named:
                ended = "tool_calls"
            return replace(arguments, tool=name, finish_reason=ended)
    return _say(prediction, chat, chat.structure, salt)


def _choose_tool(prediction: Prediction, chat: ChatRequest, tools: Tools, salt: str) -> str | None:
    if tools.is_named:
        return tools.choice
    names = {name.casefold(): name for name in tools.parameters}
    if tools.choice == AUTO:
        if chat.messages[-1][0] == "tool":
            return None  # what it called has answered
        said = sample(prediction, replace(chat.options, max_tokens=None, stops=()), salt)
        return names.get(said.text.strip().casefold())
    chances = dict.fromkeys(tools.parameters, 0.0)
    for said_text, chance in zip(prediction.trie.answers, prediction.list_chances(), strict=True):
        name = names.get(said_text.strip().casefold())
        if name is not None:
            chances[name] += chance
    return max(chances, key=lambda name: chances[name])


def _say(
    prediction: Prediction, chat: ChatRequest, structure: Structure | None, salt: str
) -> SampledText:
    if structure is None:
        return sample(prediction, chat.options, salt)
    try:
        return sample(predict_json(prediction, structure.schema), chat.options, salt)
    except SchemaRefusedError as error:
        raise ServiceError(400, "invalid_request_error", str(error), "response_format") from error
