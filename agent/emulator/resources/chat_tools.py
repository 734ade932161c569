"""Parses `tools` and `tool_choice` of a chat. chat_answer.py decides which tool is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.emulator.protocol.errors import ServiceError
from agent.emulator.resources.json_schema import NAME, Structure, parse_parameters

_MOST_TOOLS = 128
AUTO, NONE, REQUIRED = "auto", "none", "required"


@dataclass(frozen=True)
class Tools:
    """By name, what each is called with; `choice`: AUTO, NONE, REQUIRED, or the name of one."""

    parameters: Mapping[str, Structure]
    choice: str

    @property
    def is_named(self) -> bool:
        """Whether the client says which tool is to be called."""
        return self.choice in self.parameters and self.choice not in (AUTO, NONE, REQUIRED)


def parse_tools(body: Mapping[str, Any]) -> Tools | None:
    """None where there are none. Raises ServiceError."""
    given, choice = body.get("tools"), body.get("tool_choice")
    if given is None:
        if choice not in (None, NONE):
            raise _invalid(
                "'tool_choice' is only allowed when 'tools' are specified.", "tool_choice"
            )
        return None
    if not isinstance(given, list) or not 0 < len(given) <= _MOST_TOOLS:
        raise _invalid(f"'tools' must be a list of 1 to {_MOST_TOOLS} tools.", "tools")
    parameters: dict[str, Structure] = {}
    for at, one in enumerate(given):
        where = f"tools[{at}].function"
        function = one.get("function") if isinstance(one, dict) else None
        if not isinstance(function, dict) or one.get("type") != "function":
            raise _invalid(f"'tools[{at}]' must have the type 'function' and a function.", where)
        name = function.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise _invalid(f"'{where}.name' must have 1 to 64 letters, digits, - and _.", where)
        parameters[name] = parse_parameters(function, where)
    return Tools(parameters, _parse_choice(choice, parameters))


def _parse_choice(choice: Any, parameters: Mapping[str, Structure]) -> str:
    if choice is None:
        return AUTO
    if choice in (AUTO, NONE, REQUIRED):
        return str(choice)
    function = choice.get("function") if isinstance(choice, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(name, str) or name not in parameters:
        raise _invalid(
            "'tool_choice' must be 'none', 'auto', 'required', or name a function of 'tools'.",
            "tool_choice",
        )
    return name


def _invalid(message: str, param: str) -> ServiceError:
    return ServiceError(400, "invalid_request_error", message, param)
