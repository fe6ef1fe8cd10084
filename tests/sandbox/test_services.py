"""Changing a service: in the database, by its module, and a customer's wish to end it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.whmcs import php
from tests.sandbox.visitors import Console, Receiver, Whmcs

INTERNET, SIM, INSTALLATION = 40001, 40002, 242


async def service(whmcs: Whmcs, service_id: int) -> dict[str, Any]:
    return (await whmcs("GetClientsProducts", serviceid=service_id))["products"]["product"][0]


async def test_only_what_is_sent_changes_and_no_module_runs(whmcs: Whmcs, receiver: Receiver) -> None:
    before = await service(whmcs, SIM)
    fields = php.encode_field({1104: "8981100000000000001"})
    sent = {"status": "Suspended", "recurringamount": "2500.00", "customfields": fields, "notes": ""}
    assert (await whmcs("UpdateClientProduct", serviceid=SIM, **sent))["serviceid"] == str(SIM)
    after = await service(whmcs, SIM)
    assert (after["status"], after["recurringamount"]) == ("Suspended", "2500.00")
    assert {f["id"]: f["value"] for f in after["customfields"]["customfield"]}[1104] == "8981100000000000001"
    same = ("domain", "username", "password", "firstpaymentamount", "nextduedate", "billingcycle", "pid")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert await receiver.events(1) == ["ServiceEdit"]
    assert receiver.bodies()[0]["params"] == {"userid": 1001, "serviceid": SIM}


async def test_an_empty_text_blanks_nothing_but_unset_does(whmcs: Whmcs) -> None:
    await whmcs("UpdateClientProduct", serviceid=SIM, domain="")
    assert (await service(whmcs, SIM))["domain"] != ""
    await whmcs("UpdateClientProduct", serviceid=SIM, **{"unset[0]": "domain", "unset[1]": "servicepassword"})
    after = await service(whmcs, SIM)
    assert (after["domain"], after["password"]) == ("", "")


async def test_recalculating_wins_over_a_price(whmcs: Whmcs) -> None:
    await whmcs("UpdateClientProduct", serviceid=SIM, pid=100, recurringamount="1.00", autorecalc=1)
    after = await service(whmcs, SIM)
    assert (after["pid"], after["name"], after["recurringamount"]) == ("100", "SIM Data only 50GB", "4500.00")


async def test_an_unknown_service_is_refused_in_two_spellings(whmcs: Whmcs) -> None:
    assert (await whmcs("UpdateClientProduct", serviceid=1))["message"] == "Service ID Not Found"
    assert (await whmcs("AddCancelRequest", serviceid=1, type="Immediate"))["message"] == "Service ID Not Found"
    assert (await whmcs("ModuleSuspend", serviceid=1))["message"] == "Service ID not found"
    assert (await whmcs("ModuleSuspend"))["message"] == "Service ID is required"


@pytest.mark.parametrize(
    ("action", "status", "event"),
    [
        ("ModuleCreate", "Active", "AfterModuleCreate"),
        ("ModuleSuspend", "Suspended", "AfterModuleSuspend"),
        ("ModuleUnsuspend", "Active", "AfterModuleUnsuspend"),
        ("ModuleTerminate", "Terminated", "AfterModuleTerminate"),
        ("ModuleChangePackage", "Active", "AfterModuleChangePackage"),
    ],
)
async def test_a_module_command_moves_the_service_and_is_announced(
    whmcs: Whmcs, receiver: Receiver, action: str, status: str, event: str
) -> None:
    assert await whmcs(action, accountid=INTERNET) == {"result": "success"}
    assert (await service(whmcs, INTERNET))["status"] == status
    assert await receiver.events(1) == [event]
    assert receiver.bodies()[0]["params"] == {"serviceid": INTERNET, "userid": 1001, "pid": 182}


async def test_a_module_fails_in_its_own_words_and_that_is_announced(
    whmcs: Whmcs, console: Console, receiver: Receiver
) -> None:
    await console("POST", "profile", {"module_failure": "<b>Server 10.0.0.5</b> said no"})
    refused = await whmcs("ModuleSuspend", serviceid=INTERNET, suspendreason="test")
    assert (whmcs.status, refused["message"]) == (200, "<b>Server 10.0.0.5</b> said no")
    assert (await service(whmcs, INTERNET))["status"] == "Active"
    assert await receiver.events(1) == ["AfterModuleSuspendFailed"]


async def test_a_product_without_a_module_has_nothing_to_command(whmcs: Whmcs) -> None:
    cart = {"pid[0]": INSTALLATION, "billingcycle[0]": "onetime"}
    placed = await whmcs("AddOrder", clientid=1005, paymentmethod="stripe", **cart)
    refused = await whmcs("ModuleCreate", serviceid=placed["serviceids"])
    assert refused["message"] == "Service not assigned to a module"


async def test_functions_of_a_module_are_called_by_name(whmcs: Whmcs) -> None:
    assert (await whmcs("ModuleCustom", serviceid=INTERNET, func_name="ResetLine"))["result"] == "success"
    assert (await whmcs("ModuleCustom", serviceid=INTERNET, func_name="dropTables"))["result"] == "error"
    assert (await whmcs("ModuleCustom", serviceid=INTERNET))["result"] == "error"


async def test_a_service_password_changes_without_being_announced_itself(whmcs: Whmcs, receiver: Receiver) -> None:
    await whmcs("ModuleChangePw", serviceid=INTERNET, servicepassword="new-plain-password")
    assert (await service(whmcs, INTERNET))["password"] == "new-plain-password"
    assert await receiver.events(1) == ["AfterModuleChangePassword"]
    assert "new-plain-password" not in str(receiver.bodies())


async def test_a_wish_to_cancel_is_taken_once_and_changes_nothing(whmcs: Whmcs, receiver: Receiver) -> None:
    wish = {"serviceid": SIM, "type": "End of Billing Period", "reason": "引っ越し"}
    assert await whmcs("AddCancelRequest", **wish) == {"result": "success", "serviceid": str(SIM), "userid": 1001}
    assert (await whmcs("AddCancelRequest", **wish))["message"] == "Existing Cancellation Request Exists"
    listed = await whmcs("GetCancelledPackages")
    [row] = listed["packages"]["package"]
    assert (row["relid"], row["type"], row["reason"]) == (SIM, "End of Billing Period", "引っ越し")
    assert (await service(whmcs, SIM))["status"] == "Active"
    assert await receiver.events(1) == ["CancellationRequest"]
    assert receiver.bodies()[0]["params"] == {"userid": 1001, "relid": SIM, "type": "End of Billing Period"}
