"""What staff fill in on an order that was approved or waits: the SIM it gets, and the day it starts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

from aiohttp import web

from sandbox.console.reading import answer, posted, refused
from sandbox.console.selling import API, brief
from sandbox.console.staff import changed, found
from sandbox.salesforce.records import Record
from sandbox.world import WORLD, World

ROUTES = web.RouteTableDef()
JAPAN = timezone(timedelta(hours=9))
NUMBERS = {"phone_number": "SIM_Phone_Number__c", "product_number": "SIM_Product_Number__c"}


@ROUTES.post(f"{API}/orders/{{id}}/sim")
async def fill_in_sim(request: web.Request) -> web.Response:
    """{"phone_number", "product_number"}: only the named ones change, "" empties one; 409 unless a SIM is ordered."""
    world, body = request.app[WORLD], await posted(request)
    order = _open(world, request.match_info["id"])
    if order.get("Type") != "SIM":
        raise refused("no order of a SIM", 409)
    if not body or not all(name in NUMBERS and isinstance(value, str) for name, value in body.items()):
        raise refused("phone_number and product_number are texts")
    changes: Record = {NUMBERS[name]: value.strip() or None for name, value in body.items()}
    return answer(brief(world, changed(world, "Order", order["Id"], changes)))


@ROUTES.post(f"{API}/orders/{{id}}/schedule")
async def schedule(request: web.Request) -> web.Response:
    """{"on": "2026-04-20"}: it starts with that day in Japan; "": at once."""
    world, body = request.app[WORLD], await posted(request)
    order = _open(world, request.match_info["id"])
    changes: Record = {"Activation_Type__c": "Immediate", "Activation_Scheduled_At__c": None}
    if body.get("on") != "":
        changes = {"Activation_Type__c": "Scheduled", "Activation_Scheduled_At__c": _midnight(body.get("on"))}
    return answer(brief(world, changed(world, "Order", order["Id"], changes)))


def _open(world: World, record_id: str) -> Record:
    order = found(world, "Order", record_id)
    activation = order.get("Activation_Status__c")
    if order["Status"] in ("Cancelled", "Rejected") or activation == "Activated":
        raise refused(f"an order that is {order['Status']}, {activation}", 409)
    return order


def _midnight(on: Any) -> str:
    try:
        day = date.fromisoformat(on)
    except (TypeError, ValueError) as error:
        raise refused("on is a day such as 2026-04-20") from error
    begins = datetime.combine(day, time(), JAPAN).astimezone(UTC)
    return begins.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
