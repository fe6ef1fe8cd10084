"""A new question: what it can be about, and what a page that leads here says of it."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.domain.cases import RelatedChoice
from portal_app.errors import NotFound, UpstreamUnavailable
from portal_app.state.new_case import NewCaseState
from tests.fakes.support_screens import ScreenSupport

PAGE = "/support/new"
CHOICES = (
    RelatedChoice("service", "101", "Hikari 1Gbps"),
    RelatedChoice("order", "801000000000001AAA", "00000123"),
    RelatedChoice("invoice", "5001", "INV-5001"),
)


@pytest.fixture
def support(outside: SimpleNamespace) -> Iterator[SimpleNamespace]:
    support = ScreenSupport(choices=CHOICES)
    with wiring.use(support=support):
        yield SimpleNamespace(flash=outside.flash, support=support)


async def test_what_it_can_be_about_is_listed_by_kind(support, tab):
    state = tab(NewCaseState, PAGE)
    await state.load()
    assert [row.value for row in state.services] == ["service:101"]
    assert [row.label for row in state.orders] == ["00000123"]
    assert [row.value for row in state.invoices] == ["invoice:5001"]
    assert state.listing == "listed"


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("?topic=billing&related=invoice:5001", {"topic": "billing", "related": "invoice:5001"}),
        ("?topic=nonsense&related=invoice:9", {}),
        ("", {}),
    ],
)
async def test_a_page_that_leads_here_says_what_it_is_about(support, tab, query, values):
    state = tab(NewCaseState, PAGE + query)
    await state.load()
    assert state.values == values


async def test_an_old_invoice_that_is_asked_about_is_a_choice_too(support, tab):
    support.support.older = (RelatedChoice("invoice", "17", "INV-0017"),)
    state = tab(NewCaseState, f"{PAGE}?topic=billing&related=invoice:17")
    await state.load()
    assert [row.value for row in state.invoices] == ["invoice:5001", "invoice:17"]
    assert state.values == {"topic": "billing", "related": "invoice:17"}


async def test_a_refused_question_comes_back_as_it_was(support, tab):
    support.flash.kept["k1"] = {
        "error": "problem.validation",
        "field.subject": "case.subject_missing",
        "value.topic": "sim",
    }
    state = tab(NewCaseState, f"{PAGE}?topic=billing", cookie="flash=k1")
    await state.load()
    assert (state.errors, state.values) == ({"subject": "case.subject_missing"}, {"topic": "sim"})


async def test_a_question_can_be_asked_without_the_list(support, tab):
    support.support.failure = UpstreamUnavailable("whmcs", "GetInvoices")
    state = tab(NewCaseState, f"{PAGE}?topic=vpn&related=service:101")
    await state.load()
    assert (state.listing, state.values) == ("failed", {"topic": "vpn"})
    support.support.failure = None
    await state.load()
    support.support.failure = UpstreamUnavailable("whmcs", "GetInvoices")
    await state.load()
    assert (state.listing, len(state.services)) == ("listed", 1)


async def test_a_customer_without_an_account_has_nothing_to_choose(support, tab):
    support.support.failure = NotFound("account")
    state = tab(NewCaseState, PAGE)
    await state.load()
    assert (state.listing, state.services) == ("listed", [])
