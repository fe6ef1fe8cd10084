"""How a room says what it understands."""

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

from portal_app.settings import Settings

Command = Callable[[Settings, Any], Awaitable[int]]


class Parsers:
    """The words understood at one place. `name` is where the chosen one is kept."""

    def __init__(self, parser: argparse.ArgumentParser, name: str) -> None:
        self._words = parser.add_subparsers(dest=name, required=True)

    def command(self, word: str, about: str, run: Command | None) -> argparse.ArgumentParser:
        """A word that does something."""
        made = self._words.add_parser(word, help=about, description=about)
        made.set_defaults(run=run)
        return made

    def group(self, word: str, about: str) -> "Parsers":
        """A word that is followed by another."""
        return Parsers(self._words.add_parser(word, help=about, description=about), f"{word}_command")
