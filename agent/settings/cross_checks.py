"""Checks that take more than one setting. Called by config.py; mistakes go to the reader."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.settings.reader import Reader
from states.errors import problem_of
from states.text import say


def check_home(reader: Reader, home: Path) -> None:
    """Refuses what can be no home. One that is not there yet is made when it is needed."""
    try:
        (home / "data" / "agent.db").stat()
    except FileNotFoundError:
        pass
    except NotADirectoryError:
        file = next(one for one in (home / "data", home, *home.parents) if one.exists())
        reader.add_mistake(
            say(
                "AGENT_HOME: {file} is not a folder, so nothing can be kept in {home}. Set it to"
                " a folder; one that does not exist is made.",
                file=str(file),
                home=str(home),
            )
        )
    except OSError as error:
        reader.add_mistake(
            say(
                "AGENT_HOME: {home} cannot be used: {problem}. Set another one, or give this user"
                " the right to write there.",
                home=str(home),
                problem=problem_of(error),
            )
        )


def check_shares(reader: Reader, values: Mapping[str, Any], train: str, validation: str) -> None:
    shares = values["train_split"], values["validation_split"]
    if abs(sum(shares) - 1) > 1e-6:
        reader.add_mistake(
            say(
                "{train_name} and {validation_name} are {train} and {validation}; together they"
                " must be 1.",
                train_name=train,
                validation_name=validation,
                train=f"{shares[0]:g}",
                validation=f"{shares[1]:g}",
            )
        )


def check_settle(reader: Reader, settle: float, unseen: float) -> None:
    """Refuses a settle window that ends before a request could be found. `unseen`: seconds."""
    if settle <= unseen:
        reader.add_mistake(
            say(
                "AGENT_SETTLE_SECONDS is {settle}; it must be more than"
                " AGENT_REQUEST_TIMEOUT_SECONDS + AGENT_LISTING_LAG_SECONDS ({sum}), else an"
                " unanswered request could be sent twice.",
                settle=f"{settle:g}",
                sum=f"{unseen:g}",
            )
        )


def check_deployment(
    reader: Reader, deploy: str, subscription: str | None, resource_group: str | None
) -> None:
    if deploy == "auto" and not (subscription and resource_group):
        reader.add_mistake(
            say(
                "AGENT_DEPLOY=auto on Azure needs AZURE_SUBSCRIPTION_ID and AZURE_RESOURCE_GROUP:"
                " deployments are made through them."
            )
        )


def check_auth(reader: Reader, auth: str, key: str, host: str) -> None:
    """Refuses a key that is wanted and missing, and tokens where none are taken."""
    if auth == "key" and not key:
        reader.add_mistake(
            say(
                "AZURE_OPENAI_KEY is missing: it stands in the portal under “Keys and Endpoint” of"
                " the resource."
            )
        )
    elif (auth == "entra" or not key) and host.endswith(".api.cognitive.microsoft.com"):
        # Microsoft Learn, "Authenticate requests to Azure AI services": a custom subdomain only.
        reader.add_mistake(
            say(
                "{host} is the address of a whole region, which takes no tokens of Entra ID: set"
                " the resource's own address, or AZURE_OPENAI_KEY.",
                host=host,
            )
        )
