"""Whose record is this? Asked of every answer: WHMCS itself checks nothing (O1, O2, O3)."""

import logging
from collections.abc import Callable

from portal_app.domain.customer import Customer
from portal_app.errors import NotFound
from portal_app.integrations.whmcs.values import parse_id

OnForeign = Callable[[Customer, str, int], None]
log = logging.getLogger(__name__)


def checked_id(kind: str, whmcs_id: object) -> int:
    """The id when WHMCS can have it: positive, at most 2^31-1. Raises: NotFound, before anything is sent."""
    try:
        return parse_id(whmcs_id)
    except ValueError:
        raise NotFound(kind) from None


class Ownership:
    """Compares owners and raises the alarm. `on_foreign(customer, kind, id)` writes the audit row."""

    def __init__(self, on_foreign: OnForeign | None = None) -> None:
        self._on_foreign = on_foreign or (lambda customer, kind, whmcs_id: None)

    def check(self, customer: Customer, owner: int | None, kind: str, whmcs_id: int) -> None:
        """Raises: NotFound for somebody else's record, and for one that names no owner."""
        if owner is not None and owner == customer.whmcs_client_id:
            return
        log.warning("record of another client", extra={"user_id": customer.user_id, "kind": kind})
        self._on_foreign(customer, kind, whmcs_id)
        raise NotFound(kind, whmcs_id)
