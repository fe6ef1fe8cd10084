"""How a system misbehaves: injected faults, latency and the spelling of its answers. A restart heals everything."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import asdict, dataclass, field
from typing import Any

SYSTEMS = ("whmcs", "salesforce", "freebit", "mail")
KINDS = {
    "down": "connection aborted",
    "slow": "answers late",
    "http500": "HTML page with status 500",
    "html": "HTML page with status 200",
    "wrong_json": "JSON of another shape",
    "auth_refused": "403, credential refused",
    "effect_no_reply": "does the work, then cuts the connection",
    "nvp_auth": "403 as result=error;message=...",
    "bad_utf8": "JSON encoding error, XML works",
    "status429": "429 Too Many Requests",
    "truncated": "half of the JSON",
    "redirect": "302 to another address",
    "huge": "a body of 12 MiB",
    "lock_row": "UNABLE_TO_LOCK_ROW",
    "request_limit": "403, daily requests spent",
    "concurrent_limit": "403, too many long calls",
    "unavailable": "503 SERVER_UNAVAILABLE",
    "unknown": "500 UNKNOWN_EXCEPTION",
    "late_reply": "does the work at once, answers late",
    "lost": "cuts the connection late, without any work",
    "unknown_code": "a result code nobody knows",
    "busy_code": "refused for now, in its own words",
}
ONLY_WHMCS = ("nvp_auth", "bad_utf8")
ONLY_SALESFORCE = ("lock_row", "request_limit", "concurrent_limit", "unavailable", "unknown")
ONLY_FREEBIT = ("late_reply", "lost", "unknown_code", "busy_code")
LATE = ("slow", "late_reply", "lost")
DEFAULT_SLOW_MS = 5000
ID_PROFILES = ("mixed", "strings", "ints")
CAPTURE_PROFILES = ("paid", "declined")
EMPTY_PROFILES = ("natural", "list", "string", "object", "missing", "numeric")


class BadRequest(ValueError):
    """The operator asked for something that does not exist; the message says what does."""


@dataclass(slots=True)
class Fault:
    id: int
    system: str
    action: str
    kind: str
    times: int | None
    delay_ms: int | None


@dataclass(slots=True)
class Profile:
    """`ids` and `empty` spell answers; the others restrict or harden the API as an installation may.

    `fields_per_product`: custom fields of products have ids of their own for each; `missing_fields`: names of those
    this installation does not have. `setup_on_accept`: products are set up when their order is accepted.
    `module_failure` is what every provisioning module answers instead of working; `capture` declined refuses cards.
    """

    ids: str = "mixed"
    empty: str = "natural"
    immutable_invoices: bool = False
    allowed_ips: list[str] | None = None
    access_key: str = ""
    denied_actions: list[str] = field(default_factory=list)
    required_client_fields: list[int] = field(default_factory=list)
    module_failure: str = ""
    capture: str = "paid"
    setup_on_payment: bool = False
    setup_on_accept: bool = False
    fields_per_product: bool = False
    missing_fields: list[str] = field(default_factory=list)


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next_id = 1
        self.latency: dict[str, int] = dict.fromkeys(SYSTEMS, 0)
        self.profile = Profile()

    def add(self, system: str, action: str, kind: str, times: int | None, delay_ms: int | None) -> Fault:
        if system not in SYSTEMS:
            raise BadRequest(f"system must be one of {', '.join(SYSTEMS)}")
        if kind not in KINDS:
            raise BadRequest(f"kind must be one of {', '.join(KINDS)}")
        elsewhere = {"salesforce": ONLY_WHMCS + ONLY_FREEBIT, "freebit": ONLY_WHMCS + ONLY_SALESFORCE}
        if kind in elsewhere.get(system, ONLY_SALESFORCE + ONLY_FREEBIT):
            raise BadRequest(f"{system} does not fail by {kind}")
        for name, number in (("times", times), ("delay_ms", delay_ms)):
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
                raise BadRequest(f"{name} must be a whole number or null")
        fault = Fault(self._next_id, system, action or "*", kind, times, delay_ms)
        self._next_id += 1
        if times != 0:
            self._faults.append(fault)
        return fault

    def take(self, system: str, action: str, kinds: Container[str] = KINDS) -> Fault | None:
        """The newest fault for this action; counts it down. Of "create Case" a fault may name all or "create" alone."""
        names = ("*", action.lower(), action.lower().partition(" ")[0])
        for fault in reversed(self._faults):
            if fault.system == system and fault.kind in kinds and fault.action.lower() in names:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self._faults.remove(fault)
                return fault
        return None

    def delay_ms(self, system: str, fault: Fault | None) -> int:
        """Latency of the system plus what the fault adds; slow without a number is five seconds."""
        extra = 0
        if fault is not None:
            extra = fault.delay_ms if fault.delay_ms is not None else DEFAULT_SLOW_MS if fault.kind in LATE else 0
        return self.latency[system] + extra

    def heal(self, fault_id: int | None = None) -> None:
        self._faults = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]

    def listed(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._faults]

    def set_latency(self, wanted: dict[str, Any]) -> None:
        for system, ms in wanted.items():
            if system not in SYSTEMS:
                raise BadRequest(f"system must be one of {', '.join(SYSTEMS)}")
            if isinstance(ms, bool) or not isinstance(ms, int) or not 0 <= ms <= 120_000:
                raise BadRequest("latency must be 0 to 120000 ms")
        self.latency.update(wanted)

    def set_profile(self, wanted: dict[str, Any]) -> None:
        """Only the named keys change."""
        choices = {"ids": ID_PROFILES, "empty": EMPTY_PROFILES, "capture": CAPTURE_PROFILES}
        for name, value in wanted.items():
            if name not in Profile.__dataclass_fields__:
                raise BadRequest(f"unknown profile key {name}")
            if name in choices and value not in choices[name]:
                raise BadRequest(f"{name} must be one of {', '.join(choices[name])}")
        for name, value in wanted.items():
            setattr(self.profile, name, value)

    def reset(self) -> None:
        self.heal()
        self.latency = dict.fromkeys(SYSTEMS, 0)
        self.profile = Profile()
