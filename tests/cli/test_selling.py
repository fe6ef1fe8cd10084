"""`catalog` and `checkouts`."""

import asyncio
import re

from portal_app import cli, settings, wiring
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import ProductLine
from portal_app.domain.customer import Customer
from portal_app.storage.carts import UNSURE

USER = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"


async def test_the_catalogue_is_shown_with_what_is_hidden_and_why(capsys, beside_sandbox):
    assert await asyncio.to_thread(cli.main, ["catalog"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"internet +\d+ items", said) and ", hidden" in said


def test_the_copy_of_the_catalogue_can_be_forgotten_while_nothing_runs(capsys, migrated):
    assert cli.main(["catalog", "--clear"]) == 0
    assert capsys.readouterr().out == "No portal runs on this machine, so there was no copy to forget.\n"


def test_the_catalogue_without_salesforce_is_not_done_and_says_why(capsys, environment):
    assert cli.main(["catalog"]) == 1
    assert "Not done: salesforce" in capsys.readouterr().err


async def test_a_cart_whose_order_is_unknown_is_shown_with_its_key_and_without_what_was_chosen(capsys, migrated):
    customer = Customer(USER, 1001, "001000000000001AAA")
    async with wiring.opened(settings.load()):
        carts = wiring.carts()
        saved = await carts.save(customer, Cart(ProductLine.SIM, "SIM-CANARY"), version=None)
        await carts.save(customer, Cart(ProductLine.VPN, "VPN-CANARY"), version=None)
        held = await carts.take(customer, ProductLine.SIM, version=saved.version, order_key=saved.order_key)
        assert held is not None
        await carts.step(held, UNSURE, attempts=3, error_code="more_than_one")
    assert await asyncio.to_thread(cli.main, ["checkouts"]) == 0
    said = capsys.readouterr().out
    assert re.search(rf"{saved.order_key}  sim +UNSURE +3 tries .* more_than_one\n1 submitted carts", said)
    assert "CANARY" not in said
