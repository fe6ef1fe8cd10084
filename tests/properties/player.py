"""Plays a scene: one database and one outside, and processes that die and are started again."""

import asyncio
import logging
import random
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final
from unittest.mock import patch

from sqlalchemy.exc import OperationalError

from portal_app.errors import PortalError
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.troubles import Crash, Trouble, Troubles

PATIENCE_S: Final = 1.0
"""What takes longer goes on in the background while other things happen."""


class Player:
    """A method `_<what>` for each step of a scene. `play` raises AssertionError with every broken rule.

    `outside_acts`: steps the portal takes no part in. `expected`: refusals that are not errors of the portal's tree.
    """

    outside_acts: ClassVar[frozenset[str]]
    expected: ClassVar[tuple[type[BaseException], ...]] = ()
    surprises: list[str]

    def __init__(self, steps: tuple[Any, ...], file: Path, database: QuickSqlite, troubles: Troubles) -> None:
        self._steps, self._file, self._database, self.troubles = steps, file, database, troubles
        self._acts: set[asyncio.Task[Any]] = set()

    # What each kind of story says itself

    def _born(self) -> None:
        """A process over what is there."""
        raise NotImplementedError

    def always(self) -> list[str]:
        """What is broken, in the middle of everything."""
        raise NotImplementedError

    def at_rest(self) -> list[str]:
        """What is broken when nothing is left to be done."""
        raise NotImplementedError

    @classmethod
    def prepare(cls, file: Path) -> None:
        """What is in the database before the first step, once for all stories."""

    async def _comes_to_rest(self) -> None:
        raise NotImplementedError

    # What is the same for all

    async def play(self) -> None:
        """Every step, each followed by the rules that always hold; then everything comes to rest."""
        random.seed(0)
        ids = random.Random(1)
        try:
            with (
                self._caught(),
                patch.object(uuid, "uuid4", lambda: uuid.UUID(int=ids.getrandbits(128), version=4)),
            ):
                self._start()
                for number, step in enumerate(self._steps):
                    await self._step(step)
                    self._hold(self.always, f"after step {number}, {step}")
                await self._comes_to_rest()
                self._hold(self.at_rest, "at rest")
        finally:
            await self._kill()

    def _start(self) -> None:
        self._database.point(self._file, self.troubles)
        self.troubles.born()
        self._born()

    async def _kill(self) -> None:
        """As by SIGKILL: nothing is written any more, and nothing that was begun is ended."""
        self.troubles.dead = True
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._acts.clear()

    async def _restart(self, step: Any = None) -> None:
        await self._kill()
        self._start()

    async def _step(self, step: Any) -> None:
        act: Coroutine[Any, Any, None] = getattr(self, f"_{step.what}")(step)
        if step.what in self.outside_acts:
            await act
            return
        trouble: Trouble | None = step.trouble
        self.troubles.arm(trouble)
        await self._do(act)
        self.troubles.arm(None)
        if self.troubles.dead:
            await self._restart(step)

    async def _do(self, act: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._watched(act))
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)
        await asyncio.wait({task}, timeout=PATIENCE_S)

    async def _watched(self, act: Coroutine[Any, Any, None]) -> None:
        try:
            await act
        except (PortalError, Crash, asyncio.CancelledError, *self.expected):
            pass
        except OperationalError as failed:
            if "injected" not in str(failed):
                self.surprises.append(f"{failed!r}")
        except Exception as surprise:
            self.surprises.append(f"{surprise!r} at {where(surprise)}")

    def _hold(self, broken: Callable[[], list[str]], when: str) -> None:
        wrong = [*broken(), *self.surprises]
        assert not wrong, f"{when}: " + "; ".join(dict.fromkeys(wrong))

    @contextmanager
    def _caught(self) -> Iterator[None]:
        """Nothing is printed: a scene is full of failures."""
        log, handler = logging.getLogger("portal_app"), _Catcher(self.surprises, self.expected)
        log.addHandler(handler)
        log.propagate = False
        try:
            yield
        finally:
            log.removeHandler(handler)
            log.propagate = True


class _Catcher(logging.Handler):
    """Errors that the portal swallowed and wrote down, and that nobody provoked."""

    def __init__(self, surprises: list[str], expected: tuple[type[BaseException], ...]) -> None:
        super().__init__(logging.WARNING)
        self._surprises, self._expected = surprises, (PortalError, Crash, *expected)

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        if failure is None or isinstance(failure, self._expected) or "injected" in str(failure):
            return
        self._surprises.append(f"logged {record.getMessage()}: {failure!r} at {where(failure)}")


def where(failure: BaseException) -> str:
    """The last three places it went through."""
    step = failure.__traceback__
    places = []
    while step is not None:
        places.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
        step = step.tb_next
    return " ".join(places[-3:])
