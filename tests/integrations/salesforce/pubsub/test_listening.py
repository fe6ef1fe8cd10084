"""All topics together."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from portal_app.integrations.salesforce.pubsub.events import CaseChanged, FulfilmentRequested, Role
from portal_app.integrations.salesforce.pubsub.listening import Listening
from portal_app.integrations.salesforce.pubsub.subscriber import Topic
from portal_app.integrations.salesforce.pubsub.wire import Preset
from tests.integrations.salesforce.pubsub.conftest import QUICK
from tests.integrations.salesforce.pubsub.listening import (
    CASE_ID,
    CASES,
    ORDER_ID,
    ORDERS,
    PATIENCE_S,
    AToken,
    Notebook,
    TokenBox,
)

NOWHERE = Topic("/event/Nothing__e", Role.CASE)


@pytest.fixture
def listening(sandbox, tokens):
    sink = Notebook(Preset.EARLIEST)
    return Listening(sandbox.pubsub, tokens, [ORDERS, CASES, NOWHERE], sink, timing=QUICK), sink


@asynccontextmanager
async def running(listening: Listening):
    task = asyncio.create_task(listening.run())
    yield
    task.cancel()
    await asyncio.wait([task], timeout=PATIENCE_S)
    assert task.cancelled()


async def test_topics_share_a_token_and_one_that_is_refused_holds_up_no_other(listening, bus, tokens):
    listening, sink = listening
    bus.publish("Order_Fulfilment_Requested__e", {"OrderId__c": ORDER_ID})
    bus.publish("Case_Status_Update__e", {"Case_Id__c": CASE_ID})
    async with running(listening):
        assert set(await sink.events(2)) == {FulfilmentRequested(ORDER_ID), CaseChanged(CASE_ID)}
        async with asyncio.timeout(PATIENCE_S):
            while listening.states[NOWHERE.name].code != "topic.not.found":
                await asyncio.sleep(0)
    assert {name: state.status for name, state in listening.states.items()} == dict.fromkeys(
        listening.states, "stopped"
    )
    assert tokens.made == 1


async def test_it_can_be_run_again_after_it_was_stopped(listening, bus):
    listening, sink = listening
    for number in (1, 2):
        bus.publish("Case_Status_Update__e", {"Case_Id__c": CASE_ID})
        async with running(listening):
            await sink.events(number)
    async with asyncio.timeout(PATIENCE_S):
        while bus.listeners:
            await asyncio.sleep(0)


def test_a_topic_is_listened_to_once():
    with pytest.raises(ValueError, match="twice"):
        Listening("127.0.0.1:1", TokenBox(lambda: AToken("t")), [CASES, ORDERS, CASES], Notebook())
