"""Every command of the program, in the order of the help, and what the help says of each.

The parser reads this table. A new command is a file in this folder that declares a `COMMAND`, and
its line here: so the help of the whole imports none of them, and a command only its own file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from states.text import Text, say

if TYPE_CHECKING:
    from agent.cli.command import Command

COMMANDS: Mapping[str, Text] = {
    "new": say("Make a project from your files, and check it: nothing is sent yet."),
    "import": say("Add sentences or test cases from your files to a project, or replace them."),
    "check": say("Look for what is wrong with a file of sentences, or with a project's."),
    "models": say(
        "What can be trained here: how, at what price, until when, and which is recommended."
    ),
    "estimate": say(
        "What a project will cost: training, questions, hosting, each with its source."
    ),
    "run": say("Run the daemon: it takes every project as far as it will go."),
    "status": say("Show where every project stands."),
    "doctor": say(
        "Look for what keeps this installation from working. Spends and changes nothing."
    ),
    "deployments": say("List every fine-tuned deployment: whose it is, and what it costs."),
    "notify": say("Try the addresses where people are told."),
    "advance": say("Say “I have deployed it” or “train it”, or do one tick now."),
    "checkpoints": say(
        "List the checkpoints of a training: their losses, the best one, the deployed one."
    ),
    "pause": say("Have a training that goes on rest, with a checkpoint of what it has learnt."),
    "resume": say("Let a paused training go on."),
    "history": say("Show every checkpoint of a project."),
    "evaluate": say(
        "Ask the trained model more or other test cases: no new training, paid answers are kept."
    ),
    "iterate": say(
        "Train once more, with more sentences or other settings; the old deployment stays."
    ),
    "retrain": say(
        "Train the same data on another base model, and compare: when the old one retires."
    ),
    "gate": say("Whether to ship it, as an exit code for CI: 0 yes, 1 no, 3 undecided."),
    "compare": say("Compare two projects or generations on the test cases that both were asked."),
    "ask": say(
        "Ask the deployed model one sentence: its answer, and the nearest training sentences."
    ),
    "retry": say("Go on after FAILED, CANCELLED or a hold."),
    "cancel": say(
        "Give a project up: cancel its training and delete the deployment made by the agent."
    ),
    "teardown": say(
        "Delete the deployment that the agent made, and keep the results and the model."
    ),
    "cleanup": say(
        "Delete what projects that are over have left at the service: files, trainings, models."
    ),
    "report": say("Write results/ and the report again from the database alone."),
    "export": say("Write a project's sentences or test cases as CSV or JSONL."),
    "export-errors": say("Write wrong and uncertain answers as CSV, to be corrected and imported."),
}


def load_command(name: str) -> Command:
    """The declared command. A file that declares none is a mistake of ours: AttributeError."""
    command: Command = import_module(f"agent.cli.{name.replace('-', '_')}").COMMAND
    return command
