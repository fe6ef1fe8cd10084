"""Ordered lines: which of them end by themselves."""

from decimal import Decimal

import pytest

from portal_app.domain.catalog import Cycle
from portal_app.domain.order_status import STATUSES, is_approved
from portal_app.domain.orders import OrderedItem


@pytest.mark.parametrize(
    ("sku", "name", "cycle", "months"),
    [
        ("INTERNET-INSTALL-24M", "Installation", Cycle.MONTHLY, 24),
        ("INTERNET-INSTALL-LATE", "Installation (12 months)", Cycle.MONTHLY, 12),
        ("INTERNET-INSTALL-24M", "Installation", Cycle.ONETIME, None),
        ("INTERNET-INSTALL-24M", "Installation", None, None),
        ("SIM-DATA-12M", "Free for 12 months", Cycle.MONTHLY, None),
    ],
)
def test_only_an_installation_in_instalments_ends(sku, name, cycle, months):
    assert OrderedItem(name, sku, 1, Decimal(916), cycle).ends_after == months


def test_an_order_is_approved_from_the_moment_staff_say_so():
    assert [status for status in STATUSES if is_approved(status)] == ["Approved", "Processed", "Activated"]
    assert is_approved(" approved ")
    assert not is_approved("")
