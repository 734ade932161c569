"""The command line `python -m agent.emulator`: serve, deploy by hand, or list what is kept."""

from __future__ import annotations

import argparse
import errno
import logging
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from agent.emulator.model.encoder import limit_blas_to_one_thread
from agent.emulator.protocol.errors import ServiceError
from agent.emulator.state.home import (
    Home,
    HomeInUseError,
    HomeUnusableError,
    exit_when_stdin_closes,
)
from agent.emulator.state.settings import Settings, add_flags, read_settings

_USAGE, _HOME_IN_USE, _FAILED = 2, 3, 4


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    args = _build_parser().parse_args(argv)
    limit_blas_to_one_thread()
    logging.basicConfig(level=logging.WARNING, format="emulator: %(levelname)s %(message)s")
    try:
        settings = read_settings(args)
        return _run(args, settings)
    except ValueError as error:
        return _complain(str(error), _USAGE)
    except HomeInUseError as error:
        return _complain(str(error), _HOME_IN_USE)
    except HomeUnusableError as error:
        return _complain(str(error), _FAILED)
    except ServiceError as error:
        return _complain(f"{error.message} ({error.code})", _FAILED)
    except OSError as error:
        return _complain(str(error), _FAILED)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    """Whatever the system or SQLite refuses is about the home, except at a socket."""
    try:
        return _do(args, settings)
    except ConnectionError:
        raise
    except OSError as error:
        if error.errno is None:  # a sentence of ours, or of urllib
            raise
        raise HomeUnusableError(settings.home, _reason_of(error)) from error
    except sqlite3.Error as error:
        raise HomeUnusableError(settings.home, str(error)) from error


def _reason_of(error: OSError) -> str:
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"{error.filename} is not a folder, or lies below a file"
    said = error.strerror or str(error)
    return said if error.filename is None else f"{error.filename}: {said}"


def _do(args: argparse.Namespace, settings: Settings) -> int:
    if args.command == "deploy":
        from agent.emulator.tools.deploy import deploy  # each command loads only what it needs

        sys.stdout.write(deploy(settings, args.model, args.name) + "\n")
        return 0
    if args.command == "list":
        from agent.emulator.tools.inventory import render_table

        sys.stdout.write(render_table(settings.home) + "\n")
        return 0
    if args.until_stdin_closes:
        exit_when_stdin_closes(
            Home(settings.home)
        )  # before the imports: they take a third of a second
    from agent.emulator.server.http_server import serve

    serve(settings)
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m agent.emulator",
        allow_abbrev=False,
        description=(
            "An emulator of the Azure OpenAI fine-tuning surfaces that really trains a small"
            " classifier. Without a command it serves on 127.0.0.1 until it is interrupted, and"
            " writes its address as one line of JSON."
        ),
        epilog=(
            "Flags win over the environment. Two more settings are read from the environment"
            " alone: EMULATOR_API_KEY, the only key accepted (default: any), and"
            " EMULATOR_ENCODER=hash, to do without the sentence encoder. More: README.md beside"
            " this program."
        ),
    )
    _add_home(parser, default=None)
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end at once when standard input ends"
    )
    add_flags(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    deploy = commands.add_parser(
        "deploy", help="deploy a model by hand, as in the portal", allow_abbrev=False
    )
    deploy.add_argument(
        "--model", required=True, help="a fine-tuned model, a checkpoint or a base model"
    )
    deploy.add_argument("--name", required=True, help="the deployment's name")
    listing = commands.add_parser(
        "list", help="show files, jobs, models and deployments", allow_abbrev=False
    )
    for command in (deploy, listing):
        _add_home(command, default=argparse.SUPPRESS)
    return parser


def _add_home(parser: argparse.ArgumentParser, default: str | None) -> None:
    """The flag may stand before or after the command, so a command must not reset it."""
    parser.add_argument(
        "--home",
        type=Path,
        default=default,
        help="the folder with its state (EMULATOR_HOME, default data/emulator)",
    )


def _complain(message: str, status: int) -> int:
    sys.stderr.write(f"emulator: {message}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
