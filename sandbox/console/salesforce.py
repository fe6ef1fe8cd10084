"""What staff would do in Salesforce: look at an account, move it; change any record; end sessions, spend requests."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.console.staff import changed, found
from sandbox.salesforce import dml
from sandbox.salesforce.objects import OBJECTS, SObject
from sandbox.salesforce.records import Record, object_of
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
API = "/console/api/salesforce"
BELOW = ("Contact", "Case", "Order", "Opportunity")


@ROUTES.get(f"{API}/accounts")
async def list_accounts(request: web.Request) -> web.Response:
    """Search in name, customer number, WHMCS account, and the contact's e-mail; `linked=yes|no` narrows."""
    world, text = request.app[WORLD], request.query.get("search", "").strip().casefold()
    contacts = {one.get("AccountId"): one for one in world.salesforce.records.all(OBJECTS["Contact"])}
    rows = []
    for account in world.salesforce.records.all(OBJECTS["Account"]):
        mail = contacts.get(account["Id"], {}).get("Email", "")
        words = (account["Id"], account["Name"], account.get("SF_Account_No__c"), account.get("WH_Account__c"), mail)
        linked = bool(account.get("WH_Account__c"))
        if account["IsDeleted"] or text not in " ".join(str(word or "") for word in words).casefold():
            continue
        if request.query.get("linked", "") not in ("", "yes" if linked else "no"):
            continue
        rows.append(_brief(account) | {"email": mail})
    return answer(rows[: limit_of(request, 50)])


@ROUTES.get(f"{API}/accounts/{{id}}")
async def one_account(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    account = found(world, "Account", request.match_info["id"])
    below = {name: world.salesforce.records.having(OBJECTS[name], "AccountId", account["Id"]) for name in BELOW}
    return answer({"account": account, **{f"{name.lower()}s": rows for name, rows in below.items()}})


@ROUTES.post(f"{API}/accounts/{{id}}/{{what:link|unlink|number}}")
async def move_account(request: web.Request) -> web.Response:
    """`link` takes {"whmcs_client_id", "name"}; `unlink` nothing; `number` takes {"number"}, empty for none."""
    world, body = request.app[WORLD], await posted(request)
    account = found(world, "Account", request.match_info["id"])
    what = request.match_info["what"]
    changes: Record = {"SF_Account_No__c": str(body.get("number", "")).strip()}
    if what == "link":
        changes = {"WH_Account__c": _whmcs_account(body, account), "Portal_Status__c": "Active"}
    elif what == "unlink":
        changes = dict.fromkeys(("WH_Account__c", "Portal_Status__c", "Portal_Registration_Source__c"))
    return answer(_brief(changed(world, "Account", account["Id"], changes)))


def _whmcs_account(body: dict[str, Any], account: Record) -> str:
    client_id = body.get("whmcs_client_id")
    if isinstance(client_id, bool) or not isinstance(client_id, int) or client_id <= 0:
        raise refused("whmcs_client_id must be a number")
    return f"#{client_id} - {body.get('name') or account['Name']}"


@ROUTES.get(f"{API}/records/{{id}}")
async def one_record(request: web.Request) -> web.Response:
    sobject = _object(request.match_info["id"])
    return answer(found(request.app[WORLD], sobject.name, request.match_info["id"]))


@ROUTES.patch(f"{API}/records/{{id}}")
async def change_record(request: web.Request) -> web.Response:
    """Any field staff may write, by its API name."""
    world, sobject = request.app[WORLD], _object(request.match_info["id"])
    record = found(world, sobject.name, request.match_info["id"])
    return answer(changed(world, sobject.name, record["Id"], await posted(request)))


@ROUTES.delete(f"{API}/records/{{id}}")
async def delete_record(request: web.Request) -> web.Response:
    world, sobject = request.app[WORLD], _object(request.match_info["id"])
    record = found(world, sobject.name, request.match_info["id"])
    with world.store.transaction():
        dml.delete(world.salesforce.records, sobject, record["Id"])
    return answer({"ok": True})


@ROUTES.post(f"{API}/sessions/expire")
async def expire_sessions(request: web.Request) -> web.Response:
    return answer({"expired": request.app[WORLD].salesforce.sessions.expire()})


@ROUTES.get(f"{API}/requests")
async def get_requests(request: web.Request) -> web.Response:
    return answer(_spent(request.app[WORLD]))


@ROUTES.post(f"{API}/requests")
async def set_requests(request: web.Request) -> web.Response:
    """{"used", "max"}: with used at max every call is refused."""
    world, body = request.app[WORLD], await posted(request)
    for value in body.values():
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise refused("used and max must be whole numbers")
    allocation = world.salesforce.allocation
    allocation.used = body.get("used", allocation.used)
    allocation.most = body.get("max", allocation.most)
    return answer(_spent(world))


def _spent(world: World) -> Record:
    allocation = world.salesforce.allocation
    return {"used": allocation.used, "max": allocation.most, "sessions": world.salesforce.sessions.count()}


def _brief(account: Record) -> Record:
    return {
        "id": account["Id"],
        "name": account["Name"],
        "number": account.get("SF_Account_No__c") or "",
        "whmcs_account": account.get("WH_Account__c") or "",
        "portal_status": account.get("Portal_Status__c") or "",
        "source": account.get("Portal_Registration_Source__c") or "",
    }


def _object(record_id: str) -> SObject:
    sobject = object_of(record_id)
    if sobject is None:
        raise refused("no such record", 404)
    return sobject
