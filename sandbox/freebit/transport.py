"""/emptool/api/<group>/<operation>/: one form field of JSON in, key checked, operation run, envelope out, or a fault.

A business refusal is HTTP 200 with another resultCode. Source: the public parts of PA01-01 and of every other sheet.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.faults import Fault
from sandbox.freebit import activation, changes, codes, reading
from sandbox.freebit.asked import Asked, Reply
from sandbox.freebit.codes import Refusal
from sandbox.world import WORLD, World

LOGIN = "authOem"
OPERATIONS: dict[str, Callable[[Asked], Reply]] = {
    "master/addAcnt": activation.add_account,
    "master/cnclAcnt": changes.cancel,
    "master/addSpec": changes.add_quota,
    "mvno/getDetail": reading.get_detail,
    "mvno/getTrafficInfo": reading.get_traffic,
    "mvno/getQuotaHistory": reading.get_quota_history,
    "mvno/talkoption/addOrder": changes.first_voice,
    "mvno/talkoption/changeOrder": changes.change_voice,
    "mvno/semiblack/addTempAcnt": activation.add_temporary,
    "mvno/semiblack/addAcnt": activation.add_for_real,
    "mvno/semiblack/changeState": activation.card_state,
    "mvno/changePlan": changes.change_plan,
    "mvno/ota/addAcnt": activation.add_ota,
    "mvno/contractline/change": changes.change_network,
    "mvno/esim/addAcnt": activation.add_esim,
}
ACTIONS = [LOGIN, *OPERATIONS]
HEADERS = {"X-Stand-In": "placeholders: every result code but 100 and 400-356, and most reply fields"}
SECRETS = ("authKey", "oemId", "oemKey")
PAGES = {"http500": 500, "html": 200, "status429": 429, "redirect": 302}
PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Error</h1></body></html>"
HUGE_BYTES = 12 * 1024 * 1024
ROUTES = web.RouteTableDef()


@dataclass(slots=True)
class Answer:
    """What goes out. `body` None means: cut the connection."""

    status: int
    body: bytes | None
    outcome: str
    content_type: str = "application/json"


@ROUTES.post("/freebit/emptool/api/{operation:.+}/")
async def api(request: web.Request) -> web.StreamResponse:
    world, started = request.app[WORLD], time.monotonic()
    operation = request.match_info["operation"]
    if operation not in ACTIONS:
        raise web.HTTPNotFound(text=PAGE, content_type="text/html")
    body = await _body(request)
    fault = world.faults.take("freebit", operation)
    pause = world.faults.delay_ms("freebit", fault) / 1000
    late = fault is not None and fault.kind == "late_reply"
    if not late:
        await world.clock.pause(pause)
    answer = _faulty(fault) or _run(world, operation, body)
    if late:
        await world.clock.pause(pause)
    if fault is not None:
        answer = _spoiled(fault, answer)
    world.calls.record(
        at=world.clock.instant(),
        system="freebit",
        action=operation,
        params=_shown(body),
        status=answer.status,
        outcome=answer.outcome,
        ms=(time.monotonic() - started) * 1000,
    )
    if answer.body is None:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    headers = HEADERS | ({"Location": "https://maintenance.invalid/"} if answer.status == 302 else {})
    kind = answer.content_type
    return web.Response(status=answer.status, body=answer.body, content_type=kind, charset="utf-8", headers=headers)


async def _body(request: web.Request) -> dict[str, Any] | None:
    """The JSON of the field `json`, urlencoded or multipart; None when there is no such thing."""
    try:
        raw = (await request.post()).get("json")
        body = json.loads(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _run(world: World, operation: str, body: dict[str, Any] | None) -> Answer:
    freebit = world.freebit
    freebit.calls[operation] += 1
    try:
        if body is None:
            raise Refusal(codes.MALFORMED, "json")
        if operation == LOGIN:
            return _envelope(world, codes.OK, "OK", {"authKey": _login(world, body)})
        if not freebit.keys.good(body.get("authKey", ""), freebit.behaviour.key_s):
            raise Refusal(codes.KEY_DEAD)
        with world.store.transaction():
            freebit.work.settle()
        with world.store.transaction():
            reply = OPERATIONS[operation](Asked(freebit, body))
    except Refusal as refusal:
        return _envelope(world, refusal.code, refusal.words, {})
    return _envelope(world, codes.OK, "OK", reply)


def _login(world: World, body: dict[str, Any]) -> str:
    config = world.config
    pairs = ((body.get("oemId"), config.freebit_client_id), (body.get("oemKey"), config.freebit_client_secret))
    if not all(hmac.compare_digest(str(given).encode(), wanted.encode()) for given, wanted in pairs):
        raise Refusal(codes.LOGIN_REFUSED)
    return world.freebit.keys.make()


def _envelope(world: World, code: str, words: str, reply: Reply) -> Answer:
    numeric = world.freebit.behaviour.numeric_codes and code.isdigit()
    status = {"statusCode": "200" if code == codes.OK else code.partition("-")[0], "message": words}
    whole = {"resultCode": int(code) if numeric else code, "status": status} | reply
    outcome = "success" if code == codes.OK else f"error: {code} {words}"
    return Answer(200, json.dumps(whole, ensure_ascii=False).encode(), outcome)


def _faulty(fault: Fault | None) -> Answer | None:
    """The faults that answer before any work is done."""
    kind = "" if fault is None else fault.kind
    outcome = f"fault: {kind}"
    if kind in ("down", "lost"):
        return Answer(0, None, outcome)
    if kind in PAGES:
        return Answer(PAGES[kind], PAGE.encode(), outcome, "text/html")
    if kind == "wrong_json":
        return Answer(200, b'{"data":[{"ok":true}],"page":1}', outcome)
    if kind == "huge":
        return Answer(200, b'{"resultCode":"100","filler":"' + b"x" * HUGE_BYTES + b'"}', outcome)
    refusals = {"auth_refused": codes.KEY_DEAD, "unknown_code": "999-999", "busy_code": codes.BUSY}
    if kind in refusals:
        status = {"statusCode": "999", "message": kind}
        return Answer(200, json.dumps({"resultCode": refusals[kind], "status": status}).encode(), outcome)
    return None


def _spoiled(fault: Fault, answer: Answer) -> Answer:
    """The faults that happen to an answer after the work is done."""
    if fault.kind == "effect_no_reply":
        return Answer(0, None, f"fault: effect_no_reply ({answer.outcome})")
    if fault.kind == "truncated" and answer.body is not None:
        half = answer.body[: max(1, len(answer.body) // 2)]
        return Answer(answer.status, half, f"fault: truncated ({answer.outcome})")
    if fault.kind in ("slow", "late_reply"):
        answer.outcome = f"fault: {fault.kind} ({answer.outcome})"
    return answer


def _shown(body: dict[str, Any] | None) -> dict[str, Any]:
    return {key: "***" if key in SECRETS else value for key, value in (body or {}).items()}
