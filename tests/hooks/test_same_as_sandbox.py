"""The sandbox and the hook file send the same bytes for the same event: what is shown with one holds for the other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from sandbox.app import Running, running
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.whmcs.hooks import Delivery as Bent
from tests.hooks.stage import NOON, SECRET, Delivery, Install, Receiver, fire, moment_and_dice

OURS = ("content-type", "x-whmcs-event", "x-whmcs-event-id", "x-whmcs-timestamp", "x-whmcs-signature")
SAMPLES = [0, 101, "101", "東京 🗼", None, True, 0.5, 1.0, "a/b \"c\" \\ <d> & 'e' \x00\x1f\x7f\u2028\r\n\t"]


class StoppedClock(Clock):
    """Both sides read the same moment."""

    def unix(self) -> float:
        return float(NOON)


@pytest.fixture
async def sandbox(receiver: Receiver) -> AsyncIterator[Running]:
    address = {"webhook_url": receiver.url, "webhook_secret": SECRET}
    async with running(Config(port=0, smtp_port=0, data=None, seed_size=5, **address), StoppedClock()) as started:
        yield started


def by_php(install: Install, receiver: Receiver, sent: Delivery, given: dict[str, Any]) -> Delivery:
    """The hook file's delivery of the event `sent` is about, at its moment and with its id."""
    moment, dice = moment_and_dice(sent.event_id)
    before = len(receiver.got)
    install.run(fire(sent.event, **given), now=moment, dice=dice)
    [delivery] = receiver.got[before:]
    return delivery


def assert_same(one: Delivery, other: Delivery) -> None:
    assert other.body == one.body
    assert [other.headers[name] for name in OURS] == [one.headers[name] for name in OURS]


def nested(paths: list[str] | dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
    """Flat params in the places the hook file takes them from."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        path = paths[name] if isinstance(paths, dict) else name
        outer, _, inner = path.partition(".")
        if inner:
            given.setdefault(outer, {})[inner] = value
        else:
            given[outer] = value
    return given


async def test_every_event_of_the_hook_file_has_the_sandboxs_bytes(
    install: Install, receiver: Receiver, sandbox: Running
) -> None:
    allowed = install.run().allowed
    for number, (event, paths) in enumerate(allowed.items()):
        params = {name: SAMPLES[(number + i) % len(SAMPLES)] for i, name in enumerate(paths)}
        if event == "EmailPreSend":
            params["messagename"] = "Credit Card Payment Failed"  # no other is let through
        receiver.got.clear()
        await sandbox.world.hooks.fire_by_hand(event, params, duplicate=False, bent=Bent())
        [sent] = receiver.got
        assert_same(sent, by_php(install, receiver, sent, nested(paths, params)))


async def test_what_the_sandbox_fires_on_its_own_is_what_the_hook_file_would_send(
    install: Install, receiver: Receiver, sandbox: Running
) -> None:
    services = [f"services/40001/{action}" for action in ("suspend", "unsuspend", "terminate")]
    async with aiohttp.ClientSession(f"{sandbox.url}/console/api/") as console:
        lines = {"items": [{"description": "x", "amount": 100}]}
        for ends in (["pay", "refund"], ["cancel"]):
            made = await (await console.post("clients/1001/invoices", json=lines)).json()
            services += [f"invoices/{made['invoiceid']}/{end}" for end in ends]
        for action in services:
            async with console.post(action, json={}) as answer:
                assert answer.status == 200, (action, await answer.text())
    async with asyncio.timeout(10):
        while sandbox.world.hooks.waiting():
            await asyncio.sleep(0.02)
    allowed = install.run().allowed
    everything = list(receiver.got)
    assert len({sent.event for sent in everything}) == 8
    for sent in everything:
        assert_same(sent, by_php(install, receiver, sent, nested(allowed[sent.event], sent.params)))


async def test_what_an_order_by_api_sets_off_is_what_the_hook_file_would_send(
    install: Install, receiver: Receiver, sandbox: Running
) -> None:
    config = sandbox.world.config
    credential = {"identifier": config.whmcs_identifier, "secret": config.whmcs_secret, "responsetype": "json"}
    async with aiohttp.ClientSession() as session:

        async def call(action: str, **sent: Any) -> dict[str, Any]:
            data = {key: str(value) for key, value in (credential | {"action": action} | sent).items()}
            async with session.post(f"{sandbox.whmcs_url}/includes/api.php", data=data) as answer:
                reply: dict[str, Any] = await answer.json()
            assert reply["result"] == "success", (action, reply)
            return reply

        cart = {"clientid": 1005, "paymentmethod": "stripe", "pid[0]": 98, "billingcycle[0]": "monthly"}
        kept, gone = await call("AddOrder", **cart), await call("AddOrder", **cart)
        await call("AcceptOrder", orderid=kept["orderid"], autosetup=1)
        await call("AddInvoicePayment", invoiceid=kept["invoiceid"], transid="t")
        for action in ("CancelOrder", "PendingOrder", "FraudOrder", "DeleteOrder"):
            await call(action, orderid=gone["orderid"])
        for action in ("UpdateClientProduct", "ModuleChangePw", "ModuleChangePackage", "AddCancelRequest"):
            await call(action, serviceid=kept["serviceids"], type="Immediate", servicepassword="x")
        await call("ModuleCustom", serviceid=kept["serviceids"], func_name="resetline")
    async with asyncio.timeout(10):
        while sandbox.world.hooks.waiting():
            await asyncio.sleep(0.02)
    allowed = install.run().allowed
    everything = list(receiver.got)
    assert len({sent.event for sent in everything}) == 16
    for sent in everything:
        assert_same(sent, by_php(install, receiver, sent, nested(allowed[sent.event], sent.params)))


@pytest.mark.parametrize("status", [200, 202, 301, 400, 401, 403, 404, 413, 415, 422, 429, 500, 503])
async def test_both_keep_an_event_after_the_same_answers(
    install: Install, receiver: Receiver, sandbox: Running, status: int
) -> None:
    receiver.answers = [status, status]
    await sandbox.world.hooks.fire_by_hand("InvoicePaid", {}, duplicate=False, bent=Bent())
    install.run(fire("InvoicePaid"))
    assert len(install.spool) == len(sandbox.world.hooks.waiting())
