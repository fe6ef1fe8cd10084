"""The mobile network's client and subject over a fake network."""

import pytest

from portal_app.domain.customer import Customer
from portal_app.integrations.freebit.sims import Sims
from tests.fakes.clock import FakeClock
from tests.fakes.freebit import FakeFreebit


@pytest.fixture
def freebit() -> FakeFreebit:
    return FakeFreebit()


@pytest.fixture
def clock() -> FakeClock:
    """Noon of 15 January 2026 in Japan."""
    return FakeClock()


@pytest.fixture
def sims(freebit: FakeFreebit, clock: FakeClock) -> Sims:
    return Sims(freebit.client(), clock)


@pytest.fixture
def customer() -> Customer:
    """Owner of WHMCS client 7, whose number is LINE."""
    return Customer("u-7", 7)


@pytest.fixture
def other_customer() -> Customer:
    return Customer("u-8", 8)
