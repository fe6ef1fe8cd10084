"""What the operator keeps of each line: one row of JSON by phone number."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass, field

from sandbox.store import Store

WAITING, ACTIVE, SUSPENDED, OBSOLETE, FAILED, TEMPORARY = (
    "waiting",
    "active",
    "suspended",
    "obsolete",
    "failed",
    "temporary",
)
VOICE_OPTIONS = ("voiceMail", "callWaiting", "callTransfer", "worldWing", "worldCall")
LIVE = (WAITING, ACTIVE, SUSPENDED, TEMPORARY)


@dataclass(slots=True)
class Line:
    """Days are YYYYMMDD. `code` says why a failed one failed."""

    account: str
    status: str
    form: str
    sim_kind: str = "E0"
    plan: str = ""
    next_plan: str = ""
    next_plan_on: str = ""
    network: str = "4G"
    voice: dict[str, bool] = field(default_factory=dict)
    eid: str = ""
    product_number: str = ""
    iccid: str = ""
    activated_on: str = ""
    ends_on: str = ""
    code: str = ""
    group: str = ""
    quota_mb: int | None = None
    used_mb: int = 0
    used_in: str = ""

    @property
    def live(self) -> bool:
        """Holds its number and its SIM."""
        return self.status in LIVE


class Lines:
    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, account: str) -> Line | None:
        fields = self._store.value("SELECT fields FROM fb_lines WHERE account = ?", account)
        return None if fields is None else Line(**json.loads(fields))

    def all(self) -> list[Line]:
        rows = self._store.rows("SELECT fields FROM fb_lines ORDER BY account")
        return [Line(**json.loads(row["fields"])) for row in rows]

    def save(self, line: Line) -> None:
        sql = "INSERT OR REPLACE INTO fb_lines (account, live, eid, product_number, fields) VALUES (?, ?, ?, ?, ?)"
        fields = json.dumps(asdict(line), ensure_ascii=False)
        self._store.execute(sql, line.account, line.live, line.eid, line.product_number, fields)

    def unused(self, taken: Collection[str] = ()) -> tuple[str, str]:
        """A number and a card of the test block that no line ever had: what staff would take from the drawer.

        `taken`: numbers and cards that are promised already, however they are written.
        """
        promised = {"".join(filter(str.isalnum, text)).upper() for text in taken}
        at = 1 + int(self._store.value("SELECT COUNT(*) FROM fb_lines WHERE account LIKE '0700000____'"))
        while not self._is_new(f"0700000{at:04d}", f"TS{at:013d}", promised):
            at += 1
        return f"0700000{at:04d}", f"TS{at:013d}"

    def _is_new(self, account: str, card: str, promised: Collection[str]) -> bool:
        if {account, card, f"81{account[1:]}"} & set(promised):
            return False
        return self.find(account) is None and not self.holds_product(card)

    def holds_eid(self, eid: str) -> bool:
        """Whether a live line has it."""
        return self._store.row("SELECT 1 FROM fb_lines WHERE live AND eid = ?", eid) is not None

    def holds_product(self, product_number: str) -> bool:
        """Whether a live line has it."""
        sql = "SELECT 1 FROM fb_lines WHERE live AND product_number = ?"
        return self._store.row(sql, product_number) is not None
