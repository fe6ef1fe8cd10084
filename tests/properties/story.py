"""Plays a scene: one database and one outside, and processes that die and are started again."""

import asyncio
import logging
import random
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy.exc import OperationalError

from portal_app.errors import PortalError
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.troubles import Crash, Troubles
from tests.properties import rules
from tests.properties.acts import OUTSIDE, Acts
from tests.properties.process import Outside, Process
from tests.properties.scenes import PEOPLE, Scene, Step
from tests.properties.town import Town

PATIENCE_S: Final = 1.0
"""What takes longer goes on in the background while other things happen."""
ROUNDS: Final = 8
BETWEEN_ROUNDS_S: Final = 75 * 60.0


class Story(Acts):
    """A method for each rule of a scene. `play` raises AssertionError with every broken rule."""

    def __init__(self, scene: Scene, file: Path, database: QuickSqlite) -> None:
        self.scene, self._file, self._database = scene, file, database
        self.troubles = Troubles()
        self.outside = Outside(self.troubles, lenient=scene.lenient)
        self.town = Town(scene.people, self.outside)
        super().__init__()
        self._acts: set[asyncio.Task[Any]] = set()

    async def play(self) -> None:
        """Every step, each followed by the rules that always hold; then everything comes to rest."""
        random.seed(0)
        ids = random.Random(1)
        try:
            with (
                _caught(self.surprises),
                patch.object(uuid, "uuid4", lambda: uuid.UUID(int=ids.getrandbits(128), version=4)),
            ):
                self._start()
                for number, step in enumerate(self.scene.steps):
                    await self._step(step)
                    self._hold(rules.always, f"after step {number}, {step}")
                await self._comes_to_rest()
                self._hold(rules.at_rest, "at rest")
        finally:
            await self._kill()

    def _start(self) -> None:
        self._database.point(self._file, self.troubles)
        self.troubles.born()
        self.process = Process(self._file, self.outside)

    async def _kill(self) -> None:
        """As by SIGKILL: nothing is written any more, and nothing that was begun is ended."""
        self.troubles.dead = True
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._acts.clear()

    async def _restart(self, step: Step | None = None) -> None:
        await self._kill()
        self._start()

    async def _step(self, step: Step) -> None:
        act: Coroutine[Any, Any, None] = getattr(self, f"_{step.what}")(step)
        if step.what in OUTSIDE:
            await act
            return
        self.troubles.arm(step.trouble)
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
        except (PortalError, Crash, asyncio.CancelledError):
            pass
        except OperationalError as failed:
            if "injected" not in str(failed):
                self.surprises.append(f"{failed!r}")
        except Exception as surprise:
            self.surprises.append(f"{surprise!r} at {_where(surprise)}")

    def _hold(self, broken: Any, when: str) -> None:
        wrong = [*broken(self, self._file), *self.surprises, *self.outside.whmcs.wrongs]
        assert not wrong, f"{when}: " + "; ".join(dict.fromkeys(wrong))

    async def _comes_to_rest(self) -> None:
        """Everything outside works, time passes, the workers work: soon nothing is left to be done."""
        self.troubles.down.clear()
        for _ in range(ROUNDS):
            await asyncio.sleep(BETWEEN_ROUNDS_S)
            self.town.decide_all(self.scene.verdict)
            await self._work()
            if not self._acts and not rules.unfinished(self, self._file):
                break
        await self.process.check.nightly()
        await self._work()
        await self._everybody_signs_in()

    async def _work(self) -> None:
        await self.process.signing_up.advance_due()
        await self.process.deliver()

    async def _everybody_signs_in(self) -> None:
        """Whoever is a user at all, with the first password and with the one that may have replaced it."""
        for who in range(PEOPLE):
            for address in (self.town.mail(who), self.town.second_mail(who)):
                if await self.process.users.find_by_email(address) is not None:
                    for password in (self.town.typed.get(address, "none"), self.town.new_password):
                        await self._watched(self._signs_in(address, password))


class _Catcher(logging.Handler):
    """Errors that the portal swallowed and wrote down, and that nobody provoked."""

    def __init__(self, surprises: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._surprises = surprises

    def emit(self, record: logging.LogRecord) -> None:
        failure = record.exc_info[1] if record.exc_info else None
        if failure is None or isinstance(failure, PortalError | Crash) or "injected" in str(failure):
            return
        self._surprises.append(f"logged {record.getMessage()}: {failure!r} at {_where(failure)}")


@contextmanager
def _caught(surprises: list[str]) -> Iterator[None]:
    """Nothing is printed: a scene is full of failures."""
    log, handler = logging.getLogger("portal_app"), _Catcher(surprises)
    log.addHandler(handler)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = True


def _where(failure: BaseException) -> str:
    step = failure.__traceback__
    places = []
    while step is not None:
        places.append(f"{Path(step.tb_frame.f_code.co_filename).name}:{step.tb_lineno}")
        step = step.tb_next
    return " ".join(places[-3:])
