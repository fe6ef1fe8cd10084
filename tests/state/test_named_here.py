"""Which record an address names, as the browser and the server understand it alike."""

import pytest

from portal_app.components.named_here import named_here
from portal_app.priming.expressions import condition
from portal_app.state.invoice import InvoiceState
from portal_app.state.named_here import named_in


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/billing/invoices/159", "159"),
        ("/billing/invoices/159/", "159"),
        ("/orders/801Q800000D0004IAB", "801Q800000D0004IAB"),
        ("/billing/invoices/_", ""),
        ("/billing/invoices/1 59", ""),
        ("/billing/invoices/%31", ""),
        (f"/orders/{'8' * 41}", ""),
    ],
)
def test_only_what_can_be_an_id_names_a_record(path: str, named: str) -> None:
    assert named_in(path) == named


def test_the_browser_compares_what_is_shown_with_its_own_address_by_the_same_rule() -> None:
    asked = named_here(InvoiceState.here)
    assert r"/\/([A-Za-z0-9]{1,40})\/*$/.exec(useLocation().pathname)" in str(asked._get_all_var_data().hooks[0])
    assert str(asked).startswith("(namedHere?.valueOf?.() === ")


def test_the_server_answers_for_the_address_it_was_asked_for() -> None:
    assert condition(str(named_here(InvoiceState.here)), ()).startswith("(namedHere == ")
