"""What argparse says by itself, in the language of the person."""

from __future__ import annotations

import argparse

from agent.views.language import Translate
from states.text import say

# Word for word as argparse has them: what it says otherwise stays English.
SAID = (
    say("usage: "),
    say("positional arguments"),
    say("options"),
    say("show this help message and exit"),
    say("the following arguments are required: %s"),
    say("unrecognized arguments: %s"),
    say("expected one argument"),
    say("not allowed with argument %s"),
    say("ignored explicit argument %r"),
    say("ambiguous option: %(option)s could match %(matches)s"),
    say("unknown parser %(parser_name)r (choices: %(choices)s)"),
    say("invalid choice: %(value)r (choose from %(choices)s)"),
    say("argument %(argument_name)s: %(message)s"),
    say("%(prog)s: error: %(message)s\n"),
)


def speak(translate: Translate) -> None:
    """From now on argparse speaks as `translate` does. It asks this one function for its sentences, and offers no other way to set it."""
    known = {text.template: translate(text) for text in SAID}
    vars(argparse)["_"] = lambda message: known.get(message, message)
