"""What the blocks of the dashboard have in common: each adds what it found to the tasks and to the activity."""

from collections.abc import Sequence

import reflex as rx

from portal_app.state.dashboard_activity import SOURCES, ActivityRow, Happening, Source, newest
from portal_app.state.dashboard_tasks import Block, TaskRow, together

BESIDE_S = 3.0
"""What a customer clicks waits for what loads, so what only stands beside the bills gets no longer."""


class DashboardBlocks(rx.State, mixin=True):
    """A block that fails leaves what it found before."""

    tasks: list[TaskRow] = []
    activity: list[ActivityRow] = []
    activity_known: bool = False
    activity_whole: bool = False  # nothing of it could not be read

    _found: dict[Block, Sequence[TaskRow]] = {}
    _happened: dict[Source, Sequence[Happening] | None] = {}

    def _to_do(self, block: Block, found: Sequence[TaskRow]) -> None:
        self._found = {**self._found, block: found}
        self.tasks = together(self._found)

    def _lately(self, source: Source, happened: Sequence[Happening] | None) -> None:
        """None: it cannot be read now. That nothing happened is said only when every source was read."""
        self._happened = {**self._happened, source: self._happened.get(source) if happened is None else happened}
        self.activity = newest({source: some for source, some in self._happened.items() if some})
        self.activity_known = bool(self.activity) or self._happened.keys() >= SOURCES
        self.activity_whole = None not in self._happened.values()
