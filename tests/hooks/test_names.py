"""The hook file, the portal's door and the portal's reading of events speak of the same events."""

from pathlib import Path
from typing import Any

import pytest

from portal_app.integrations.whmcs import hooks
from portal_app.web.webhooks import KNOWN
from tests.hooks.stage import Install

REFERENCE_SAYS_NOT_TO_FORWARD = {"invoicecreationpreemail", "preserviceedit"}
ABOUT_NO_RECORD_OF_A_CUSTOMER = {
    "ManualRefund",  # names a gateway's reference only
    "AfterProductUpgrade",
    "ProductEdit",
    "ProductDelete",
    "QuoteCreated",
    "QuoteStatusChange",
    "DailyCronJob",
    "EmailPreSend",  # unless the mail is about a failed payment
    "UserAdd",
    "UserEdit",
    "UserChangePassword",
    "UserEmailVerificationComplete",
    "UserLogin",
    "UserLogout",
}


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Hook name -> how many callbacks; and what each may send."""
    ran = Install(tmp_path_factory.mktemp("whmcs")).run()
    return {"hooks": ran.hooks, "allowed": ran.allowed}


def test_every_registered_hook_is_known_to_the_portal_and_the_other_way_round(registered) -> None:
    assert set(registered["hooks"]) == KNOWN
    assert set(registered["hooks"].values()) == {1}
    assert set(registered["allowed"]) == KNOWN - {"AfterCronJob"}  # that one sends the spool and nothing of itself


def test_every_event_the_portal_treats_specially_is_registered(registered) -> None:
    special = hooks._EARLY | hooks._USERS_ONLY | hooks._RELID_IS_A_SERVICE
    assert special - {name.lower() for name in registered["hooks"]} == REFERENCE_SAYS_NOT_TO_FORWARD


def test_every_parameter_name_the_portal_reads_is_sent_by_some_hook(registered) -> None:
    sent = {name.lower() for params in registered["allowed"].values() for name in params}
    assert set(hooks._INVOICE + hooks._SERVICE + hooks._CLIENT + hooks._ORDER) <= sent


def test_the_portal_finds_the_record_in_what_each_event_sends(registered) -> None:
    found = {event: hooks.concern_of(event, dict.fromkeys(names, 5)) for event, names in registered["allowed"].items()}
    assert {event for event, concern in found.items() if not concern} == ABOUT_NO_RECORD_OF_A_CUSTOMER
    clientless = {event for event, concern in found.items() if concern and not (concern.clients or concern.invoices)}
    assert clientless == {
        "AfterModuleChangePassword",
        "ServiceRecurringCompleted",
        *("AcceptOrder", "CancelOrder", "PendingOrder", "FraudOrder", "DeleteOrder", "CancelAndRefundOrder"),
    }


def test_every_event_the_reference_of_the_sandbox_names_is_registered(registered) -> None:
    page = (Path(__file__).parents[2] / "docs/sandbox.md").read_text(encoding="utf-8")
    fired = page.partition("\nFired: ")[2].partition(". ")[0].replace("\n", " ").split(", ")
    assert len(fired) > 10 and set(fired) <= set(registered["hooks"])
