"""The list's place in the URL."""

import pytest

from portal_app.domain.billing import InvoiceQuery
from portal_app.state.invoice_query import href, parse, tidy


@pytest.mark.parametrize(
    "parameters",
    [
        {"tab": "draft"},
        {"sort": "balance; DROP TABLE"},
        {"page": "-1"},
        {"page": "1e9"},
        {"page": "９"},
        {"page": "0"},
        {"page": ""},
        {"q": "\x00\x1b"},
    ],
)
def test_whatever_cannot_be_understood_is_left_at_its_default(parameters):
    assert parse(parameters) == InvoiceQuery()


def test_a_link_and_its_query_are_the_same_thing():
    query = InvoiceQuery(tab="paid", search="INV 7", sort="total", descending=True, page=4)
    parameters = dict(part.split("=") for part in href(query).partition("?")[2].replace("+", " ").split("&"))
    assert parse(parameters) == query


def test_the_default_list_has_a_plain_address():
    assert href(InvoiceQuery()) == "/billing/invoices"


def test_a_search_is_never_longer_than_an_invoice_number():
    assert tidy(" " + "9" * 500) == "9" * 40
