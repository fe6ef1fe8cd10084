"""From the words of a command line to the room that knows what to do, and to an exit code."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from portal_app import settings
from portal_app.cli import checking, comparing, database, events, fulfilling, people, selling, supporting
from portal_app.cli.parsing import Parsers
from portal_app.errors import ConfigError, PortalError
from portal_app.observability import logs

ROOMS = (database, checking, comparing, selling, people, fulfilling, events, supporting)


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 not done, 2 not understood."""
    asked = _parser().parse_args(arguments)
    if asked.command == "env-example":
        print(settings.env_example(), end="")
        return 0
    try:
        chosen = settings.load()
        logs.setup("ERROR", hide=chosen.secrets())
        return asyncio.run(asked.run(chosen, asked))
    except ConfigError as bad:
        print("Settings:", *bad.problems, sep="\n  ", file=sys.stderr)
    except PortalError as failure:  # its text never holds a secret or a customer's data
        print(f"Not done: {failure}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="portal_app.cli", description="For the people who run the portal.")
    parsers = Parsers(parser, "command")
    for room in ROOMS:
        room.add(parsers)
    parsers.command("env-example", "Print .env.example.", None)
    return parser
