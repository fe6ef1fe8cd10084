"""What a WHMCS hook event is about: pure. An event is a hint that a record may have changed, never data.

Source: WHMCS hook reference; parameter names exactly as documented, odd spellings included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from portal_app.integrations.whmcs.values import parse_id


@dataclass(frozen=True, slots=True)
class Concern:
    """Ids of the records an event is about, as far as it names them.

    `early` events fire before the change is made: what is read at once may still be the old state. `pay_methods`: it
    is about how these clients pay, and nothing else of them changed. `payment_failed`: WHMCS could not collect what
    these invoices are about.
    """

    invoices: tuple[int, ...] = ()
    services: tuple[int, ...] = ()
    clients: tuple[int, ...] = ()
    orders: tuple[int, ...] = ()
    early: bool = False
    pay_methods: bool = False
    payment_failed: bool = False

    def __bool__(self) -> bool:
        return bool(self.invoices or self.services or self.clients or self.orders)


_INVOICE = ("invoiceid", "invocieid", "originalinvoiceid", "newinvoiceid")
_SERVICE = ("serviceid", "serviceids", "relid")
_CLIENT = ("clientid", "client_id", "userid", "touserid", "fromuserid")
_ORDER = ("orderid",)
_EARLY = frozenset(
    {
        "acceptorder",
        "cancelorder",
        "pendingorder",
        "fraudorder",
        "deleteorder",
        "cancelandrefundorder",
        "invoicepaidpreemail",
        "invoicecreationpreemail",
        "preserviceedit",
        "predeleteclient",
    }
)
_PAY_METHODS = frozenset({"ccupdate"})
# Here `userid` is a login identity, or `relid` is something other than a service.
_USERS_ONLY = frozenset(
    {"userchangepassword", "useradd", "useredit", "useremailverificationcomplete", "userlogin", "userlogout"}
)
_RELID_IS_A_SERVICE = frozenset({"cancellationrequest"})


# No hook says that a payment failed; the mail WHMCS writes about it does: `relid` is its invoice.
_MAIL, _FAILED = "emailpresend", "payment failed"


def concern_of(event: str, params: Mapping[str, Any]) -> Concern:
    """The records of one event, an empty Concern when there are none. Never raises: what is no id is ignored."""
    name = event.strip().lower()
    if name in _USERS_ONLY:
        return Concern()
    flat = {key.lower(): value for key, value in _flat(params)}
    if name == _MAIL:
        failed = str(flat.get("messagename", "")).strip().lower().endswith(_FAILED)
        return Concern(invoices=_ids(flat, ("relid",)), payment_failed=True) if failed else Concern()
    services = tuple(key for key in _SERVICE if key != "relid" or name in _RELID_IS_A_SERVICE)
    return Concern(
        invoices=_ids(flat, _INVOICE),
        services=_ids(flat, services),
        clients=_ids(flat, _CLIENT),
        orders=_ids(flat, _ORDER),
        early=name in _EARLY,
        pay_methods=name in _PAY_METHODS,
    )


def _flat(params: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Module hooks nest theirs one deeper, under `params`."""
    for key, value in params.items():
        if key == "params" and isinstance(value, Mapping):
            yield from value.items()
        else:
            yield key, value


def _ids(flat: Mapping[str, Any], names: Iterable[str]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for name in names:
        value = flat.get(name, "")
        for part in value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]:
            try:
                found[parse_id(part)] = None
            except ValueError:
                continue
    return tuple(found)
