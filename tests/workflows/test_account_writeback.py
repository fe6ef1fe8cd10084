"""What Salesforce is told about a new mapping: until it has it, and never over somebody else's (F11)."""

from datetime import timedelta
from urllib.parse import urlsplit

import requests

CLIENT = "#1 - Hanako Yamada"


async def completed(world) -> None:
    await world.confirm(await world.sign_up())


async def given_up(world) -> list[str]:
    return [row[0] for row in await world.rows("SELECT error_code FROM outbox WHERE gave_up_at IS NOT NULL")]


async def test_f11_salesforce_away_is_told_later_and_the_customer_can_sign_in_before(becoming):
    token = await becoming.sign_up()
    await becoming.confirm(token)
    becoming.salesforce.away("Update")
    await becoming.deliver()
    assert becoming.account()["WH_Account__c"] is None
    becoming.salesforce.back()
    becoming.clock.advance(timedelta(minutes=1))
    await becoming.deliver()
    assert becoming.account()["WH_Account__c"] == CLIENT
    assert becoming.account()["Portal_Status__c"] == "Active"


async def test_f11_a_lost_answer_is_written_again_and_nothing_changes(becoming):
    await completed(becoming)

    def lost(request):
        becoming.salesforce._Update(request, urlsplit(request.url).path.split("/sobjects/")[-1].split("/"))
        raise requests.ReadTimeout

    becoming.salesforce.will("Update", lost)
    await becoming.deliver()
    becoming.clock.advance(timedelta(minutes=1))
    await becoming.deliver()
    assert becoming.account()["WH_Account__c"] == CLIENT
    assert becoming.account()["Portal_Status__c"] == "Active"
    assert await becoming.outbox.depth() == 0


async def test_what_is_written_there_already_is_compared_and_not_sent_again(becoming):
    await completed(becoming)
    source = {"Portal_Registration_Source__c": "New Signup", "Portal_Status__c": "Active"}
    becoming.account().update(WH_Account__c="#1 - Hanako (moved)", **source)
    await becoming.deliver()
    assert becoming.salesforce.count("Update") == 0


async def test_another_client_written_meanwhile_is_left_to_a_person_and_stays(becoming):
    await completed(becoming)
    becoming.account()["WH_Account__c"] = "#55 - Somebody Else"
    await becoming.deliver()
    assert becoming.account()["WH_Account__c"] == "#55 - Somebody Else"
    assert await given_up(becoming) == ["accounts.other_client"]


async def test_an_account_that_is_gone_is_left_to_a_person(becoming):
    await completed(becoming)
    becoming.salesforce.records["Account"].clear()
    await becoming.deliver()
    assert await given_up(becoming) == ["unusable"]
