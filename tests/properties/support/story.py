"""A scene of support, played: a customer, the staff and the machines, and how everything comes to rest."""

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from portal_app.domain.cases import NewCase
from portal_app.errors import PortalError, UpstreamOutcomeUnknown
from tests.fakes.help_desk import CUSTOMERS, HelpDesk
from tests.fakes.quick_sqlite import QuickSqlite
from tests.fakes.support_process import SupportProcess, registered
from tests.fakes.troubles import Troubles
from tests.properties.player import Player
from tests.properties.support import rules
from tests.properties.support.scenes import WAITS, Scene, Step

ME, OTHER = CUSTOMERS
STATUSES: Final = ("In Progress", "Awaiting Customer", "Closed", "New", "In Progress")
ROUNDS: Final = 12
BETWEEN_ROUNDS_S: Final = 20 * 60.0


@dataclass
class Submit:
    """One press of a button. `outcome`: "" for no answer at all, "sent", "kept", or the name of a refusal."""

    kind: str
    post_id: str
    text: str
    case_id: str = ""
    files: tuple[str, ...] = ()
    outcome: str = ""


class Story(Player):
    """One life. `submits`: every press of every button, repeats included."""

    outside_acts = frozenset({"wait", "restart", "weather", "staff_says", "staff_moves"})

    def __init__(self, scene: Scene, file: Path, database: QuickSqlite) -> None:
        self.desk = HelpDesk(Troubles())
        self.submits: list[Submit] = []
        self.mails: list[dict[str, Any]] = []
        self.surprises: list[str] = []
        self.said: dict[str, str] = {}
        self._files = 0
        Player.__init__(self, scene.steps, file, database, self.desk.troubles)

    async def play(self) -> None:
        await super().play()

    def _born(self) -> None:
        self.process = SupportProcess(self._file, self.desk, self.mails)
        self.process.limits._scale = 1000  # limits are proved elsewhere

    @classmethod
    def prepare(cls, file: Path) -> None:
        """The customers have signed up long ago."""
        asyncio.run(registered(file))

    def always(self) -> list[str]:
        return rules.always(self, self._file)

    def at_rest(self) -> list[str]:
        return rules.at_rest(self, self._file)

    @property
    def cases(self) -> list[str]:
        """Of the customer's, as far as there are any."""
        return [one["Id"] for one in self.desk.records("Case")]

    # What the customer does

    async def _open(self, step: Step) -> None:
        await self._submit(await self._new("open", "", step.right))

    async def _open_twice(self, step: Step) -> None:
        """A double click: the form's key is the same."""
        submit = await self._new("open", "", step.right)
        await self._at_once(submit, self._repeat(submit))

    async def _reply(self, step: Step) -> None:
        if self.cases:
            await self._submit(await self._new("comment", self._case(step), step.right))

    async def _reply_twice(self, step: Step) -> None:
        if self.cases:
            submit = await self._new("comment", self._case(step), step.right)
            await self._at_once(submit, self._repeat(submit))

    async def _again(self, step: Step) -> None:
        """The last thing once more: the same form sent again, or, without `right`, a new one with the same text."""
        if not self.submits:
            return
        last = self.submits[-1]
        repeat = self._repeat(last)
        if not step.right and last.outcome == "kept":
            repeat.post_id = _an_id(f"{last.post_id}|again")
        await self._submit(repeat)

    async def _close(self, step: Step) -> None:
        if self.cases:
            await self._submit(await self._new("close", self._case(step), False))

    async def _reopen(self, step: Step) -> None:
        if self.cases:
            await self._submit(await self._new("reopen", self._case(step), False))

    # What machines do

    async def _deliver(self, step: Step) -> None:
        await self.process.deliver()

    async def _looks(self, step: Step) -> None:
        await self.process.news.look()

    async def _hears(self, step: Step) -> None:
        if self.cases:
            await self.process.news.case_changed(ME, self._case(step))

    # What happens outside

    async def _wait(self, step: Step) -> None:
        await asyncio.sleep(WAITS[step.which])

    async def _weather(self, step: Step) -> None:
        self.troubles.down = set() if step.right else {"salesforce"}

    async def _staff_says(self, step: Step) -> None:
        if self.cases:
            text = f"answer {len(self.said)}"
            comment_id = self.desk.says(self._case(step), text, published=step.right)
            if step.right:
                self.said[comment_id] = text

    async def _staff_moves(self, step: Step) -> None:
        if self.cases:
            self.desk.moves(self.cases[-1], STATUSES[step.which])

    async def _comes_to_rest(self) -> None:
        """Salesforce works, time passes, the workers work: soon nothing is left to be done."""
        self.troubles.down.clear()
        for _ in range(ROUNDS):
            await asyncio.sleep(BETWEEN_ROUNDS_S)
            await self._watched(self.process.deliver())
            if not self._acts and not rules.unfinished(self._file):
                break
        await self._watched(self._everything_is_told())

    async def _everything_is_told(self) -> None:
        for case_id in self.cases:
            await self.process.news.case_changed(ME, case_id)
        await self.process.news.look()
        await self.process.deliver()

    # How

    async def _new(self, kind: str, case_id: str, with_file: bool) -> Submit:
        number = len(self.submits)
        files = (await self._a_file(number),) if with_file else ()
        return Submit(kind, _an_id(f"{kind}|{number}"), f"{kind} {number}", case_id, files)

    async def _a_file(self, number: int) -> str:
        return await self.process.a_file(ME, f"file{number:012d}")

    def _repeat(self, of: Submit) -> Submit:
        return Submit(of.kind, of.post_id, of.text, of.case_id, of.files)

    async def _at_once(self, *submits: Submit) -> None:
        for ended in await asyncio.gather(*map(self._submit, submits), return_exceptions=True):
            if isinstance(ended, BaseException):
                raise ended

    async def _submit(self, submit: Submit) -> None:
        self.submits.append(submit)
        support, key = self.process.support, {"post_id": submit.post_id}
        try:
            if submit.kind == "open":
                post = NewCase(submit.text, f"{submit.text} body", "other", file_ids=submit.files)
                await support.open_case(ME, post, **key)
            elif submit.kind == "comment":
                await support.reply(ME, submit.case_id, submit.text, submit.files, **key)
            else:
                await getattr(support, submit.kind)(ME, submit.case_id, **key)
            submit.outcome = "sent"
        except UpstreamOutcomeUnknown:
            submit.outcome = "kept"
            raise
        except PortalError as refusal:
            submit.outcome = type(refusal).__name__
            raise

    def _case(self, step: Step) -> str:
        return self.cases[-1 - step.which % len(self.cases)]


def _an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))
