"""What an administrator built in the org: record-triggered flows that publish platform events, after commit.

The names are those the portal expects; that there are two spellings of the fulfilment event is the org's history.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sandbox.pubsub.schemas import PLATFORM
from sandbox.salesforce.objects import OBJECTS, SObject
from sandbox.salesforce.records import USER_ID, Record, Records

PORTAL_ORIGINS = ("Portal Website", "Portal Support", "Portal Notification")
DECIDED = tuple(name for name in PLATFORM["Account_Eligibility_Update__e"] if name != "Account_Id__c")
NO_ERROR = dict.fromkeys(("Activation_Error_Code__c", "Activation_Error_Message__c"))
SHOWN = ("CaseComment", "EmailMessage")
DRAFT = "5"
Published = tuple[str, dict[str, Any]]


def published(records: Records, sobject: SObject, old: Record | None, new: Record) -> Iterator[Published]:
    """Platform events this change leads to: entity and fields."""
    if sobject.name == "Order" and old is not None:
        yield from _order(records, old, new)
    elif sobject.name == "Account" and old is not None:
        values = {name: new.get(name) for name in DECIDED if new.get(name) != old.get(name)}
        if values:
            yield "Account_Eligibility_Update__e", {"Account_Id__c": new["Id"]} | values
    elif sobject.name == "Case" and old is not None and new.get("Origin") in PORTAL_ORIGINS:
        if new.get("Status") != old.get("Status"):
            yield _case(new)
    elif sobject.name in SHOWN and _shown(sobject, new) and not (old is not None and _shown(sobject, old)):
        case = records.live(OBJECTS["Case"], new.get("ParentId") or "")
        if case is not None:
            yield _case(case)


def _case(case: Record) -> Published:
    return "Case_Status_Update__e", {"Account_Id__c": case.get("AccountId"), "Case_Id__c": case["Id"]}


def _shown(sobject: SObject, one: Record) -> bool:
    """Whether the customer may read it. What the customer wrote by e-mail is no news; a comment may be anybody's."""
    if one["IsDeleted"]:
        return False
    if sobject.name == "CaseComment":
        return bool(one.get("IsPublished"))
    return bool(one.get("IsExternallyVisible")) and one.get("Status") != DRAFT and not one.get("Incoming")


def _order(records: Records, old: Record, new: Record) -> Iterator[Published]:
    """Approved: activation begins and fulfilment is asked for. Activating again by staff asks again."""
    if new.get("Status") != "Approved":
        return
    approved = old.get("Status") != "Approved"
    activating = new.get("Activation_Status__c") == "Activating"
    again = activating and old.get("Activation_Status__c") != "Activating" and not records.by_client
    if not approved and not again:
        return
    if not activating:
        records.update(OBJECTS["Order"], new | {"Activation_Status__c": "Activating"} | NO_ERROR)
        if not records.by_client:
            return  # that change has come by here and asked
    key, correlation = new.get("Idempotency_Key__c"), str(uuid.uuid4())
    values = (new["Id"], key, correlation, USER_ID, 1.0)
    for name in ("Order_Fulfilment_Requested__e", "OrderProvisionRequested__e"):
        yield name, dict(zip(PLATFORM[name], values, strict=True))
