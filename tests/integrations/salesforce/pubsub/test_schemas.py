"""Schemas are fetched once."""

import asyncio

import pytest

from portal_app.errors import UpstreamUnavailable
from portal_app.integrations.salesforce.pubsub.failures import Kind, PubSubFailure
from portal_app.integrations.salesforce.pubsub.schemas import LOOK_AGAIN_S, BadSchema, Schemas
from portal_app.integrations.salesforce.pubsub.subscriber import fetch_schema
from tests.integrations.salesforce.pubsub.listening import ORDER_SCHEMA
from tests.integrations.virtual_time import in_virtual_time


class Library:
    """Schemas at Salesforce's: counts who asks."""

    def __init__(self, *answers: object) -> None:
        self.answers, self.asked = list(answers), 0

    async def get(self, schema_id: str) -> str:
        self.asked += 1
        await asyncio.sleep(1)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


@in_virtual_time
async def test_many_who_ask_for_one_schema_cause_one_call():
    library = Library(ORDER_SCHEMA)
    schemas = Schemas(library.get)
    found = await asyncio.gather(*(schemas.get("A") for _ in range(20)))
    assert {one.name for one in found} == {"Order_Fulfilment_Requested__e"}
    await schemas.get("A")
    assert library.asked == 1


@in_virtual_time
async def test_another_id_is_another_schema():
    library = Library(ORDER_SCHEMA)
    schemas = Schemas(library.get)
    assert await schemas.get("A") is not await schemas.get("B")
    assert library.asked == 2


@in_virtual_time
async def test_a_passing_failure_is_not_remembered():
    schemas = Schemas(Library(UpstreamUnavailable("salesforce_events", "GetSchema"), ORDER_SCHEMA).get)
    with pytest.raises(UpstreamUnavailable):
        await schemas.get("A")
    assert (await schemas.get("A")).name == "Order_Fulfilment_Requested__e"


@in_virtual_time
async def test_e6_a_useless_schema_is_asked_for_again_after_a_minute_only():
    library = Library("useless", ORDER_SCHEMA)
    schemas = Schemas(library.get)
    for _ in range(5):
        with pytest.raises(BadSchema):
            await schemas.get("A")
    assert library.asked == 1
    await asyncio.sleep(LOOK_AGAIN_S)
    assert (await schemas.get("A")).shape.names[0] == "CreatedDate"


class Refusing:
    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    async def get_schema(self, schema_id: str) -> str:
        raise PubSubFailure("GetSchema", "code", self.kind)


@pytest.mark.parametrize("kind", list(Kind))
async def test_e6_only_a_schema_that_is_refused_for_good_makes_its_events_undecodable(kind):
    expected = BadSchema if kind in (Kind.REFUSED, Kind.OUR_FAULT) else PubSubFailure
    with pytest.raises(expected):
        await fetch_schema(Refusing(kind), "A")
