"""The field map: our names, an installation's own, and what an organisation lacks."""

from dataclasses import fields as dataclass_fields

import pytest

from portal_app.errors import ConfigError, UpstreamUnavailable
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import PREFIXES
from tests.fakes.salesforce import FakeSalesforce, page_of_html
from tests.integrations.virtual_time import in_virtual_time

KEYS = {"Idempotency_Key__c", "Line_Key__c", "Portal_Reference__c"}


def groups(names):
    return [getattr(names._objects, group.name) for group in dataclass_fields(names._objects)]


def described(names):
    """An organisation that has everything."""
    found = {}
    for group in groups(names):
        wanted = [getattr(group, item.name) for item in dataclass_fields(group) if item.name != "kind"]
        found[group.kind] = [
            {"name": name, "createable": True, "updateable": True, "externalId": name in KEYS, "unique": name in KEYS}
            for name in wanted
        ]
    return found


@pytest.fixture
def complete(salesforce):
    salesforce.described = described(FieldMap())
    return salesforce


async def problems(salesforce: FakeSalesforce, names: FieldMap | None = None) -> list[str]:
    return await (names or FieldMap()).check(salesforce.connect().client.describe)


@in_virtual_time
async def test_an_organisation_with_every_field_has_no_problem(complete):
    assert await problems(complete) == []


@in_virtual_time
async def test_a_missing_field_is_named(complete):
    rows = complete.described["Account"]
    complete.described["Account"] = [row for row in rows if row["name"] != "WH_Account__c"]
    assert await problems(complete) == [
        "Account.WH_Account__c: the field is unknown or hidden from the integration user"
    ]


@in_virtual_time
async def test_a_field_we_write_must_be_writable_and_one_we_read_need_not(complete):
    for row in complete.described["Account"]:
        row |= {"createable": False, "updateable": row["name"] != "Portal_Status__c"}
    assert await problems(complete) == ["Account.Portal_Status__c: the integration user may not write it"]


@pytest.mark.parametrize("lack", ["externalId", "unique"])
@in_virtual_time
async def test_f8_a_key_must_be_a_unique_external_id(complete, lack):
    next(row for row in complete.described["Order"] if row["name"] == "Idempotency_Key__c")[lack] = False
    assert await problems(complete) == ["Order.Idempotency_Key__c: must be a unique external id"]


@in_virtual_time
async def test_a_hidden_object_is_one_problem(complete):
    del complete.described["Opportunity"]
    assert await problems(complete) == ["Opportunity: the object is unknown or hidden from the integration user"]


@in_virtual_time
async def test_an_organisation_that_does_not_answer_is_an_error_and_no_list(complete):
    complete.keeps("Describe", page_of_html(404))
    with pytest.raises(UpstreamUnavailable):
        await problems(complete)


@in_virtual_time
async def test_a_renamed_field_is_looked_for_under_its_new_name(complete):
    names = FieldMap({"account.customer_number": "Kyaku_No__c"})
    assert names.account.customer_number == "Kyaku_No__c"
    assert await problems(complete, names) == [
        "Account.Kyaku_No__c: the field is unknown or hidden from the integration user"
    ]


def test_every_bad_key_and_name_is_said_at_once():
    bad = {
        "account.nothing": "X__c",
        "nothing.id": "X__c",
        "account.kind": "User",
        "account": "X__c",
        "account.id": "Id FROM User",
        "case.topic": "",
        "order.id": 7,
        "__class__.id": "X",
    }
    with pytest.raises(ConfigError) as refused:
        FieldMap(bad)
    assert len(refused.value.problems) == len(bad)


def test_one_installations_names_are_not_anothers():
    FieldMap({"account.customer_number": "Kyaku_No__c"})
    assert FieldMap().account.customer_number == "SF_Account_No__c"


def test_every_object_has_a_known_prefix():
    assert {group.kind for group in groups(FieldMap())} <= set(PREFIXES)
