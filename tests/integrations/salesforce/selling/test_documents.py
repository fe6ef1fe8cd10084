"""A document handed over to Salesforce Files: once, on the customer's own account."""

import pytest

from portal_app.errors import NotFound, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.documents import Documents
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.storage.cache import MemoryCache
from portal_app.storage.clock import Clock
from tests.integrations.salesforce.selling.staff import count, customer_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@pytest.fixture
def checks(client):
    clock = Clock()
    return Checks(client, FieldMap(), MemoryCache("test", clock), clock, origin="Portal Notification")


@pytest.fixture
def documents(client, checks):
    return Documents(client, FieldMap(), checks, Clock())


async def test_the_file_lies_with_the_account_byte_for_byte_and_is_submitted(
    documents, checks, customer, client, sandbox
):
    assert (await checks.get(customer)).document.state == "not_submitted"
    await documents.submit(customer, "ref-1", "在留カード.png", PNG)
    found = (await checks.get(customer)).document
    assert found.state == "submitted" and found.submitted_at is not None and not found.may_upload
    store = sandbox.world.store
    version = store.value("SELECT fields FROM sf_records WHERE object = 'ContentVersion' ORDER BY id DESC")
    assert "在留カード.png" in version and "Identity document ref-1" in version
    link = store.value("SELECT fields FROM sf_records WHERE object = 'ContentDocumentLink' ORDER BY id DESC")
    assert customer.salesforce_account_id in link
    assert [row for row in store.rows("SELECT * FROM sf_files") if PNG in row.values()]


async def test_the_same_reference_is_one_file_and_another_its_own(documents, customer, sandbox):
    for reference in ("ref-1", "ref-1", "ref-2"):
        await documents.submit(customer, reference, "card.png", PNG)
    assert count(sandbox, "ContentVersion") == 2


async def test_a_lost_answer_leaves_one_file(documents, checks, customer, sandbox):
    sandbox.world.faults.add("salesforce", "create ContentVersion", "effect_no_reply", 1, None)
    await documents.submit(customer, "ref-1", "card.png", PNG)
    assert count(sandbox, "ContentVersion") == 1 and (await checks.get(customer)).document.state == "submitted"


async def test_what_never_arrived_is_unknown_and_the_next_try_hands_it_over(documents, checks, customer, sandbox):
    sandbox.world.faults.add("salesforce", "create ContentVersion", "http500", 1, None)
    with pytest.raises(UpstreamOutcomeUnknown):
        await documents.submit(customer, "ref-1", "card.png", PNG)
    assert (await checks.get(customer)).document.state == "not_submitted"
    await documents.submit(customer, "ref-1", "card.png", PNG)
    assert count(sandbox, "ContentVersion") == 1


async def test_a_status_that_could_not_be_written_is_written_by_the_next_try(documents, checks, customer, sandbox):
    sandbox.world.faults.add("salesforce", "update Account", "lock_row", None, None)
    with pytest.raises(UpstreamUnavailable):
        await documents.submit(customer, "ref-1", "card.png", PNG)
    sandbox.world.faults.heal()
    await documents.submit(customer, "ref-1", "card.png", PNG)
    assert count(sandbox, "ContentVersion") == 1 and (await checks.get(customer)).document.state == "submitted"


async def test_a_file_of_five_megabytes_goes_through(documents, customer, sandbox):
    await documents.submit(customer, "ref-1", "card.png", PNG[:8] + b"x" * (5 * 1024 * 1024 - 8))
    assert count(sandbox, "ContentVersion") == 1


async def test_o1_a_strangers_reference_meets_no_file_of_mine(documents, customer, client, sandbox):
    await documents.submit(customer, "ref-1", "card.png", PNG)
    stranger = await customer_of(client, "C-100002")
    await documents.submit(stranger, "ref-1", "card.png", PNG)
    assert count(sandbox, "ContentVersion") == 2
    with pytest.raises(NotFound):
        await documents.submit(type(customer)("nobody", 0), "ref-1", "card.png", PNG)
