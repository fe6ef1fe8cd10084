"""Payments that are waited for."""

import pytest

from portal_app.storage.payments import PaymentLinks


@pytest.fixture
def links(db, clock) -> PaymentLinks:
    return PaymentLinks(db, clock)


async def test_a_payment_is_waited_for_during_15_minutes(links, customer, clock):
    await links.minted(customer, 1)
    clock.advance(899)
    assert await links.waiting(customer) == {1}
    clock.advance(1)
    assert await links.waiting(customer) == set()


async def test_going_to_pay_again_starts_the_wait_over(links, customer, clock):
    await links.minted(customer, 1)
    await links.settle(1)
    clock.advance(3600)
    await links.minted(customer, 1)
    assert await links.waiting(customer) == {1}


async def test_a_settled_payment_is_not_waited_for(links, customer):
    await links.minted(customer, 1)
    await links.minted(customer, 2)
    await links.settle(1)
    assert await links.waiting(customer) == {2}


async def test_o1_nobody_waits_for_another_customers_payment(links, customer, other_customer):
    await links.minted(customer, 1)
    assert await links.waiting(other_customer) == set()


async def test_every_open_payment_comes_with_its_customer_longest_wait_first(links, customer, other_customer, clock):
    await links.minted(other_customer, 5)
    clock.advance(1)
    await links.minted(customer, 2)
    await links.minted(customer, 1)
    await links.settle(2)
    assert await links.open_links() == [(other_customer, 5), (customer, 1)]
