"""A scene of becoming a customer, played: people, staff and machines, and how everything comes to rest."""

import asyncio
from pathlib import Path
from typing import Final

from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.troubles import Troubles
from tests.properties import rules
from tests.properties.acts import OUTSIDE, Acts
from tests.properties.player import Player
from tests.properties.process import Outside, Process
from tests.properties.scenes import PEOPLE, Scene
from tests.properties.town import Town

ROUNDS: Final = 8
BETWEEN_ROUNDS_S: Final = 75 * 60.0


class Story(Player, Acts):
    """One life of the portal."""

    outside_acts = frozenset(OUTSIDE)

    def __init__(self, scene: Scene, file: Path, database: QuickSqlite) -> None:
        self.scene = scene
        self.outside = Outside(Troubles(), lenient=scene.lenient)
        self.town = Town(scene.people, self.outside)
        Acts.__init__(self)
        Player.__init__(self, scene.steps, file, database, self.outside.troubles)

    def _born(self) -> None:
        self.process = Process(self._file, self.outside)

    def always(self) -> list[str]:
        return [*rules.always(self, self._file), *self.outside.whmcs.wrongs]

    def at_rest(self) -> list[str]:
        return [*rules.at_rest(self, self._file), *self.outside.whmcs.wrongs]

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
