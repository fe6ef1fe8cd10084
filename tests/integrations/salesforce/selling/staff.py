"""Who acts in these tests beside the portal, and policies without pauses."""

from dataclasses import replace
from datetime import datetime, time
from typing import Any

import httpx

from portal_app.domain.customer import Customer
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.soql import soql
from sandbox.app import Running
from sandbox.clock import JAPAN
from sandbox.config import DEMO_SF_PRICEBOOK_ID
from sandbox.salesforce.values import spoken

BOOK = DEMO_SF_PRICEBOOK_ID
NUMBER = {"id": "Id", "no": "SF_Account_No__c"}


def quick(policy: Any) -> Any:
    return replace(policy, per_second=100_000, backoff_base_s=0, backoff_cap_s=0)


async def staff(sandbox: Running, path: str, body: dict) -> dict:
    """Somebody does that in the console."""
    async with httpx.AsyncClient(trust_env=False) as console:
        answer = await console.post(f"{sandbox.url}/console/api/salesforce/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def record(sandbox: Running, record_id: str) -> dict:
    """A record as Salesforce keeps it."""
    async with httpx.AsyncClient(trust_env=False) as console:
        return (await console.get(f"{sandbox.url}/console/api/salesforce/records/{record_id}")).json()


def count(sandbox: Running, name: str) -> int:
    """How many records of an object there are, made today: those of the seed are older."""
    today = spoken(datetime.combine(sandbox.world.clock.today(), time(), JAPAN))
    sql = "SELECT COUNT(*) FROM sf_records WHERE object = ? AND json_extract(fields, '$.CreatedDate') >= ?"
    return sandbox.world.store.value(sql, name, today)


async def customer_of(client: SalesforceClient, number: str) -> Customer:
    statement = soql("SELECT {f[id]:literal} FROM Account WHERE {f[no]:literal} = {}", number, f=NUMBER)
    (row,) = await client.query(statement)
    return Customer(f"user-of-{number}", 1001, row["Id"])


NUMBER = {"id": "Id", "no": "SF_Account_No__c"}
