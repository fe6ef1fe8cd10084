"""What can be told apart among the events, and how their fields are read. All of them are hints (E5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from portal_app.integrations.salesforce.ids import as_18

OUR_CLIENT: Final = "client=portal"
"""What our REST client calls itself; changes made by it come back with this in their origin."""


class NotOurEvent(ValueError):
    """A field that must be there is missing or no id. `reason` is a word of ours."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Role(StrEnum):
    """What the platform events of a topic mean. Change events speak for themselves, on any topic."""

    FULFILMENT = "fulfilment"
    ACCOUNT = "account"
    CASE = "case"
    CHANGES = "changes"


class ChangeType(StrEnum):
    """GAP: something happened and the details are lost, or the record has to be read to know them."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    UNDELETE = "UNDELETE"
    GAP_CREATE = "GAP_CREATE"
    GAP_UPDATE = "GAP_UPDATE"
    GAP_DELETE = "GAP_DELETE"
    GAP_UNDELETE = "GAP_UNDELETE"
    GAP_OVERFLOW = "GAP_OVERFLOW"
    SNAPSHOT = "SNAPSHOT"


@dataclass(frozen=True, slots=True)
class FulfilmentRequested:
    """Staff approved an order. Texts are "" where the event has none; `version` is None then."""

    order_id: str
    idempotency_key: str = ""
    correlation_id: str = ""
    requested_by: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """Staff decided something about an account. `changed`: the event's fields that carry a value; not the values."""

    account_id: str
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CaseChanged:
    """A case moved, or was answered. `account_id` is "" for a case without one."""

    case_id: str
    account_id: str = ""


@dataclass(frozen=True, slots=True)
class RecordChanged:
    """Records of one kind changed, all alike, in one transaction.

    `changed`, `nulled` and `diffed` are field names (`BillingAddress.City`), filled for UPDATE only. `record_ids` have
    18 characters; empty when only "many of them" is known (`GAP_OVERFLOW`, a wildcard): then every record is in doubt.
    `from_portal`: our own client made the change.
    """

    entity: str
    record_ids: tuple[str, ...]
    change_type: ChangeType
    changed: frozenset[str]
    nulled: frozenset[str]
    diffed: frozenset[str]
    from_portal: bool
    committed_at: datetime
    transaction_key: str
    sequence_number: int

    @property
    def gap(self) -> bool:
        """Only the fact of a change is known: read the records, or for GAP_OVERFLOW reconcile the entity."""
        return self.change_type.startswith("GAP_")


Event = FulfilmentRequested | AccountChanged | CaseChanged | RecordChanged


def read_platform_event(role: Role, fields: Mapping[str, Any]) -> Event:
    """By what the topic is for. Orgs spell the fields differently: `OrderId__c`, `Order_Id__c`. Raises: NotOurEvent."""
    found = {_plain(name): value for name, value in fields.items()}
    if role is Role.FULFILMENT:
        return FulfilmentRequested(
            _id(found, "orderid", "801"),
            _text(found, "idemkey", "idempotencykey"),
            _text(found, "correlationid"),
            _text(found, "requestedby"),
            _whole(found.get("version")),
        )
    if role is Role.ACCOUNT:
        changed = {name for name, value in fields.items() if name.endswith("__c") and value is not None}
        return AccountChanged(_id(found, "accountid", "001"), frozenset(n for n in changed if _plain(n) != "accountid"))
    if role is Role.CASE:
        account = as_18(found.get("accountid")) or ""
        return CaseChanged(_id(found, "caseid", "500"), account if account.startswith("001") else "")
    raise NotOurEvent("no_change_event")


def _plain(name: str) -> str:
    return name.removesuffix("__c").replace("_", "").lower()


def _id(found: Mapping[str, Any], name: str, prefix: str) -> str:
    value = as_18(found.get(name))
    if value is None or not value.startswith(prefix):
        raise NotOurEvent(f"no_{name}")
    return value


def _text(found: Mapping[str, Any], *names: str) -> str:
    return next((value[:255] for name in names if isinstance(value := found.get(name), str)), "")


def _whole(value: Any) -> int | None:
    ok = isinstance(value, int | float) and value == value and abs(value) < 2**53
    return int(value) if ok else None


def moment(epoch_ms: Any) -> datetime:
    """UTC. Raises: ValueError, OverflowError, TypeError."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
