"""A Salesforce with two accounts, and the real client over it."""

import pytest

from tests.fakes.salesforce import OTHER_ACCOUNT, SECOND_CONTACT, Connected, FakeSalesforce, a_contact, an_account


@pytest.fixture
def salesforce() -> FakeSalesforce:
    found = FakeSalesforce()
    found.records["Account"] += [an_account(), an_account("C-1002", OTHER_ACCOUNT)]
    found.records["Contact"] += [a_contact(), a_contact(SECOND_CONTACT, OTHER_ACCOUNT, Email="kenichi@example.com")]
    return found


@pytest.fixture
def connected(salesforce: FakeSalesforce) -> Connected:
    """In virtual time: no thread, no socket."""
    return salesforce.connect()
