"""What a child of the nursery is asked to do, as it travels there."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Errand:
    """`task` names a function of `child`. `die_at`: the name of a point and which passing of it, counted from 1.

    `order_id`: nothing else is worked on, "": everything; several, with commas, where a task takes them. `offset_s`:
    how far its clock is ahead. `stop_at`: it stands still there, as by SIGSTOP, until somebody wakes it. `console_at`:
    there staff do something, by an address of the sandbox's console. `mails`: it empties the outbox, too.
    """

    task: str
    database: str
    salesforce: str
    whmcs: str
    freebit: str
    smtp: str
    key: str
    order_id: str = ""
    request: bool = False
    die_at: tuple[str, int] | None = None
    stop_at: tuple[str, int] | None = None
    console_at: tuple[str, int, str] | None = None
    mails: bool = True
    offset_s: float = 0.0
    lease_s: float = 90.0
    settle_s: float = 60.0
    points_file: str = ""
    log_file: str = ""
    seconds: float = 20.0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Errand":
        values = json.loads(text)
        for name in ("die_at", "stop_at", "console_at"):
            values[name] = tuple(values[name]) if values[name] else None
        return cls(**values)
