"""What staff do with cases: decide, answer by comment or by e-mail, set a status, attach a file."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, limit_of, posted, refused
from sandbox.console.staff import changed, found
from sandbox.salesforce import dml
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.objects import OBJECTS
from sandbox.salesforce.records import Record
from sandbox.seed.desk import SUPPORT
from sandbox.seed.files import letter_pdf
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
API = "/console/api/salesforce/cases"
DECISIONS = {
    "start": "In Progress",
    "wait": "Awaiting Customer",
    "approve": "Approved",
    "reject": "Rejected",
    "close": "Closed",
    "reopen": "New",
}
THREAD = {"comments": "CaseComment", "emails": "EmailMessage"}


@ROUTES.get(API)
async def list_cases(request: web.Request) -> web.Response:
    """Newest first; `open=yes` leaves out the closed ones; search in number, subject, customer number and name."""
    world, text = request.app[WORLD], request.query.get("search", "").strip().casefold()
    rows = []
    for case in reversed(world.salesforce.records.all(OBJECTS["Case"])):
        if case["IsDeleted"] or (request.query.get("open") == "yes" and case.get("IsClosed")):
            continue
        row = _with_account(world, case)
        words = (row["Id"], row["CaseNumber"], row.get("Subject"), row["account"], row["number"])
        if text in " ".join(str(word or "") for word in words).casefold():
            rows.append(row)
    return answer(rows[: limit_of(request, 50)])


@ROUTES.get(f"{API}/{{id}}")
async def one_case(request: web.Request) -> web.Response:
    """With comments, e-mails and files, whoever may see them."""
    world = request.app[WORLD]
    records, case = world.salesforce.records, found(world, "Case", request.match_info["id"])
    below = {key: records.having(OBJECTS[name], "ParentId", case["Id"]) for key, name in THREAD.items()}
    links = records.having(OBJECTS["ContentDocumentLink"], "LinkedEntityId", case["Id"])
    return answer(_with_account(world, case) | below | {"files": [_file(world, link) for link in links]})


@ROUTES.post(f"{API}/{{id}}/{{what:start|wait|approve|reject|close|reopen}}")
async def move_case(request: web.Request) -> web.Response:
    world, status = request.app[WORLD], DECISIONS[request.match_info["what"]]
    case = found(world, "Case", request.match_info["id"])
    return answer(_with_account(world, changed(world, "Case", case["Id"], {"Status": status})))


@ROUTES.post(f"{API}/{{id}}/status")
async def set_status(request: web.Request) -> web.Response:
    """{"status": "Awaiting Customer"}: any status the org knows."""
    world, body = request.app[WORLD], await posted(request)
    case = found(world, "Case", request.match_info["id"])
    if not body.get("status"):
        raise refused("status is missing")
    return answer(_with_account(world, changed(world, "Case", case["Id"], {"Status": body["status"]})))


@ROUTES.post(f"{API}/{{id}}/reply")
async def reply(request: web.Request) -> web.Response:
    """{"text", "published": true}: a comment; with `published` false a note among staff."""
    world, body = request.app[WORLD], await posted(request)
    case = found(world, "Case", request.match_info["id"])
    published = body.get("published") is not False
    comment = {"ParentId": case["Id"], "CommentBody": str(body.get("text", "")), "IsPublished": published}
    return answer({"id": _made(world, "CaseComment", comment)})


@ROUTES.post(f"{API}/{{id}}/email")
async def send_email(request: web.Request) -> web.Response:
    """{"text", "subject", "visible": true, "draft": false, "incoming": false}: by e-mail, as Email-to-Case keeps it."""
    world, body = request.app[WORLD], await posted(request)
    case = found(world, "Case", request.match_info["id"])
    here, there = SUPPORT, _address_of(world, case)
    incoming = body.get("incoming") is True
    message = {
        "ParentId": case["Id"],
        "Incoming": incoming,
        "Status": "5" if body.get("draft") is True else "0" if incoming else "3",
        "Subject": str(body.get("subject", "")) or f"Re: {case.get('Subject', '')}",
        "TextBody": str(body.get("text", "")),
        "FromAddress": there if incoming else here,
        "ToAddress": here if incoming else there,
        "MessageDate": world.salesforce.records.now(),
        "IsExternallyVisible": body.get("visible") is not False,
    }
    return answer({"id": _made(world, "EmailMessage", message)})


@ROUTES.post(f"{API}/{{id}}/file")
async def attach_file(request: web.Request) -> web.Response:
    """{"name", "content": base64, "visibility": "AllUsers"|"InternalUsers"}; without content a small PDF."""
    world, body = request.app[WORLD], await posted(request)
    case = found(world, "Case", request.match_info["id"])
    name, data = str(body.get("name") or "letter.pdf"), _bytes(body)
    with world.store.transaction():
        text = base64.b64encode(data).decode()
        version_id = _made(world, "ContentVersion", {"PathOnClient": name, "Title": name, "VersionData": text})
        document = found(world, "ContentVersion", version_id)["ContentDocumentId"]
        link = {"ContentDocumentId": document, "LinkedEntityId": case["Id"], "ShareType": "V"}
        _made(world, "ContentDocumentLink", link | {"Visibility": body.get("visibility", "AllUsers")})
    return answer({"id": document, "version": version_id, "size": len(data)})


def _bytes(body: dict[str, Any]) -> bytes:
    if "content" not in body:
        return letter_pdf("A letter from support")
    try:
        return base64.b64decode(str(body["content"]), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused("content must be base64") from error


def _made(world: World, name: str, values: Record) -> str:
    try:
        with world.store.transaction():
            return dml.create(world.salesforce.records, OBJECTS[name], values)
    except Refusal as refusal:
        raise refused(str(refusal)) from refusal


def _file(world: World, link: Record) -> Record:
    document = world.salesforce.records.live(OBJECTS["ContentDocument"], link["ContentDocumentId"]) or {}
    shown = {name: document.get(name) for name in ("Id", "Title", "ContentSize", "LatestPublishedVersionId")}
    return shown | {"Visibility": link.get("Visibility")}


def _address_of(world: World, case: Record) -> str | None:
    contact = world.salesforce.records.live(OBJECTS["Contact"], case.get("ContactId") or "") or {}
    return contact.get("Email") or case.get("SuppliedEmail")


def _with_account(world: World, case: Record) -> Record:
    account = world.salesforce.records.live(OBJECTS["Account"], case.get("AccountId", "")) or {}
    return case | {"account": account.get("Name", ""), "number": account.get("SF_Account_No__c", "")}
