"""A client nobody here wrote understands the answers: simple-salesforce, in direct mode over plain HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from simple_salesforce import Salesforce as Client
from simple_salesforce import SalesforceExpiredSession, SalesforceMalformedRequest, format_soql
from simple_salesforce.exceptions import SalesforceResourceNotFound
from simple_salesforce.format import format_external_id

from tests.sandbox.salesforce.visitors import Salesforce


class _PlainHttp(requests.Session):
    """The library builds https addresses whatever it is told."""

    def request(self, method: str, url: str, *args: Any, **more: Any) -> requests.Response:  # type: ignore[override]
        return super().request(method, url.replace("https://", "http://", 1), *args, timeout=20, **more)


def _tour(url: str, token: str) -> None:
    client = Client(session_id=token, instance_url=url, version="60.0", session=_PlainHttp())
    rows = client.query(format_soql("SELECT Id, Name FROM Account WHERE SF_Account_No__c = {}", "C-100001"))["records"]
    assert rows[0]["Name"] == "Hanako Yamada"
    assert client.Account.get(rows[0]["Id"])["WH_Account__c"] == "#1001 - Hanako Yamada"
    made = client.Case.create({"Subject": "Help", "AccountId": rows[0]["Id"]})
    assert client.Case.update(made["id"], {"Priority": "High"}) == 204
    path = format_external_id("Portal_Reference__c", "a/b")
    assert client.Case.upsert(path, {"Subject": "x"}, raw_response=True).status_code == 201
    assert client.Case.get(path)["Subject"] == "x"
    assert len(list(client.query_all_iter("SELECT Id FROM PricebookEntry"))) == 109
    assert client.limits()["DailyApiRequests"]["Max"] and client.api_usage["api-usage"].used > 0
    assert client.describe()["sobjects"] and client.Account.describe()["fields"]
    with pytest.raises(SalesforceMalformedRequest):
        client.query("SELECT Nothing FROM Account")
    with pytest.raises(SalesforceResourceNotFound):
        client.Case.get("500000000000001AAA")
    with pytest.raises(SalesforceExpiredSession):
        Client(session_id="gone", instance_url=url, session=_PlainHttp()).query("SELECT Id FROM Case")


async def test_an_independent_client_finds_its_way(salesforce: Salesforce) -> None:
    await asyncio.to_thread(_tour, salesforce.sandbox.url, salesforce.token)
