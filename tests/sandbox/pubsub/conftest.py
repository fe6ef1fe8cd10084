from __future__ import annotations

from collections.abc import AsyncIterator

import grpc.aio
import pytest

from sandbox.app import Running
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record, Records
from tests.sandbox.pubsub.subscribers import Vendor


@pytest.fixture
async def vendor(sandbox: Running) -> AsyncIterator[Vendor]:
    async with grpc.aio.insecure_channel(sandbox.pubsub) as channel:
        opened = Vendor(sandbox, channel)
        opened.sign_in()
        yield opened


@pytest.fixture
def records(sandbox: Running) -> Records:
    return sandbox.world.salesforce.records


@pytest.fixture
def account(records: Records) -> Record:
    return records.all(OBJECTS["Account"])[0]


@pytest.fixture
def case_id(records: Records, account: Record) -> str:
    return dml.create(records, OBJECTS["Case"], {"AccountId": account["Id"], "Origin": "Portal Website"})


@pytest.fixture
def order_id(records: Records, account: Record) -> str:
    """With one line, waiting for staff."""
    book = next(one for one in records.all(OBJECTS["Pricebook2"]) if one["Name"] == "Portal")
    entry = next(
        one for one in records.having(OBJECTS["PricebookEntry"], "Pricebook2Id", book["Id"]) if one["IsActive"]
    )
    header = {"AccountId": account["Id"], "EffectiveDate": "2026-04-15", "Status": "Pending Review"}
    header |= {"Pricebook2Id": book["Id"], "Idempotency_Key__c": "key-1"}
    order = dml.create(records, OBJECTS["Order"], header)
    line = {"OrderId": order, "PricebookEntryId": entry["Id"], "Quantity": 1, "UnitPrice": 100}
    dml.create(records, OBJECTS["OrderItem"], line)
    return order
