"""How to deploy the model by hand, and how to call it: for results/deployment_info.json. Never with the key."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import dataclass
from typing import Any

from agent.views.language import Translate
from states.text import say


@dataclass(frozen=True)
class Place:
    """Where the model lives: what the commands of the guide need."""

    endpoint: str
    api_version: str
    account: str
    resource_group: str | None
    sku: str
    capacity: int
    is_undated: bool  # the v1 surface: another client, and the deployment in the body
    emulator_home: str | None  # where the local emulator keeps its files, if it is the service


@dataclass(frozen=True)
class Question:
    """What the sample calls ask: the instruction the model was trained with, and a sentence of the project."""

    system: str
    user: str

    @property
    def messages(self) -> list[dict[str, str]]:
        return [{"role": "system", "content": self.system}, {"role": "user", "content": self.user}]


def guide(
    model: str, name: str, place: Place, question: Question, translate: Translate
) -> dict[str, Any]:
    """portal: steps; az, emulator: a command; python, curl: a call of the deployment `name`; note: what is different on the emulator."""
    found: dict[str, Any] = {
        "portal": [translate(step) for step in _portal(model, name, place)],
        "az": _az(model, name, place),
        "python": _python(name, place, question),
        "curl": _curl(name, place, question),
        "after": translate(
            say(
                "When it is deployed, nothing more is needed: the agent notices it. To check at"
                " once: python -m agent advance --deployment {name}",
                name=name,
            )
        ),
    }
    if place.emulator_home is not None:
        program, home = (
            f"{shlex.quote(sys.executable)} -m agent.emulator",
            f"--home {shlex.quote(place.emulator_home)}",
        )
        found["emulator"] = f"{program} deploy {home} --model {model} --name {name}"
        found["emulator_serve"] = f"{program} {home} --port 8080"
        found["note"] = translate(
            say(
                "On the emulator the portal steps and the az command only show how it goes on"
                " Azure. The calls in Python and curl work once the emulator is served"
                " (emulator_serve), with any AZURE_OPENAI_KEY that is not empty."
            )
        )
    return found


def _portal(model: str, name: str, place: Place) -> list[Any]:
    return [
        say("Open https://ai.azure.com and choose the resource {account}.", account=place.account),
        say("Go to “Fine-tuning” and open the finished model {model}.", model=model),
        say("Choose “Deploy” (“Use this model”) and give it the name {name}.", name=name),
        say(
            "As deployment type choose “Developer” (no hourly fee, ends by itself after 24 hours)"
            " for a test, or “Standard” (billed by the hour even when idle) for production;"
            " capacity {capacity}.",
            capacity=place.capacity,
        ),
        say("Wait until the state is “Succeeded”; the first answers may take some minutes more."),
    ]


def _az(model: str, name: str, place: Place) -> str:
    group = place.resource_group or "<resource-group>"
    return (
        f"az cognitiveservices account deployment create --resource-group {group} --name"
        f" {place.account} --deployment-name {name} --model-name {model} --model-version 1"
        f" --model-format OpenAI --sku-name {place.sku} --sku-capacity {place.capacity}"
    )


def _python(name: str, place: Place, question: Question) -> str:
    key = 'api_key=os.environ["AZURE_OPENAI_KEY"]'
    if place.is_undated:
        kind, client = "OpenAI", f'OpenAI(base_url="{place.endpoint}/openai/v1/", {key})'
    else:
        kind, client = (
            "AzureOpenAI",
            (
                f'AzureOpenAI(azure_endpoint="{place.endpoint}", api_version="{place.api_version}",'
                f" {key})"
            ),
        )
    return "\n".join(
        [
            "import os",
            f"from openai import {kind}",
            "",
            f"client = {client}",
            "answer = client.chat.completions.create(",
            f'    model="{name}",',
            "    temperature=0,",
            "    messages=[",
            *(
                f"        {json.dumps(message, ensure_ascii=False)},"
                for message in question.messages
            ),
            "    ],",
            ")",
            "print(answer.choices[0].message.content)",
        ]
    )


def _curl(name: str, place: Place, question: Question) -> str:
    body = {"messages": question.messages, "temperature": 0}
    url = f"{place.endpoint}/openai/deployments/{name}/chat/completions?api-version={place.api_version}"
    if place.is_undated:
        body, url = {"model": name, **body}, f"{place.endpoint}/openai/v1/chat/completions"
    data = shlex.quote(json.dumps(body, ensure_ascii=False))
    return (
        f"curl '{url}' -H \"api-key: $AZURE_OPENAI_KEY\" -H 'Content-Type: application/json' -d"
        f" {data}"
    )
