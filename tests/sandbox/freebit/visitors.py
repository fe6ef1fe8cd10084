"""Who asks the operator in these tests: by plain HTTP, as any reseller would. No number here is anybody's."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from sandbox.app import Running
from sandbox.clock import Clock
from sandbox.config import DEMO_FREEBIT_ID, DEMO_FREEBIT_KEY

LINE, OTHER_LINE = "07000000001", "07000000002"
EID, OTHER_EID = "89049032123451234512345678901235", "89049032123451234512345678901332"
CARD, OTHER_CARD = "AX0000000000001", "AX0000000000002"
ESIM = {"createType": "new", "account": LINE, "eid": EID, "addKind": "N", "simKind": "E0", "planCode": "DEMO_5G"}
OTA = {"createType": "new", "account": LINE, "productNumber": CARD, "addKind": "N", "planCode": "DEMO_5G"}
MNP = {
    "reserveNumber": "1200000001",
    "reserveExpireDate": "20260425",
    "lastnameKanji": "試験",
    "firstnameKanji": "太郎",
    "lastnameZenKana": "テスト",
    "firstnameZenKana": "タロウ",
    "gender": "M",
    "birthday": "19900401",
}


class StillClock(Clock):
    """Noon of 15 April 2026 in Japan, plus what it is advanced by."""

    def unix(self) -> float:
        return datetime(2026, 4, 15, 3, tzinfo=UTC).timestamp() + self._offset


@dataclass
class Freebit:
    """Keeps its authKey and the last status and headers."""

    session: aiohttp.ClientSession
    sandbox: Running
    key: str = ""
    status: int = 0
    headers: Any = None

    async def sign_in(self, key: str = DEMO_FREEBIT_KEY) -> str:
        """The result code."""
        reply = await self.raw("authOem", {"oemId": DEMO_FREEBIT_ID, "oemKey": key})
        self.key = reply.get("authKey", "")
        return str(reply["resultCode"])

    async def raw(self, path: str, body: Any, *, multipart: bool = False) -> Any:
        form: Any = {"json": json.dumps(body)}
        if multipart:
            writer = aiohttp.FormData(default_to_multipart=True)
            writer.add_field("json", form["json"])
            form = writer
        async with self.session.post(f"{self.sandbox.freebit_url}/emptool/api/{path}/", data=form) as answer:
            self.status, self.headers = answer.status, answer.headers
            return json.loads(await answer.text())

    async def __call__(self, path: str, **body: Any) -> Any:
        return await self.raw(path, {"authKey": self.key} | body)

    async def code(self, path: str, **body: Any) -> str:
        return str((await self(path, **body))["resultCode"])

    async def detail(self, account: str = LINE) -> Any:
        """The one line, or the result code."""
        reply = await self("mvno/getDetail", requestDatas=[{"kind": "MVNO", "account": account}])
        return reply["responseDatas"][0] if reply["resultCode"] == "100" else reply["resultCode"]

    async def active_esim(self, **more: Any) -> None:
        """LINE, running."""
        assert await self.code("mvno/esim/addAcnt", **(ESIM | more)) == "100"
        self.sandbox.world.clock.advance(30)
        assert (await self.detail())["state"] == "active"
