"""includes/api.php: form in, credential checked, action run, answer spelled, or a fault in place of all that.

Source: WHMCS API reference, "API access" and "Error handling"; the 403 texts were seen on live installs.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass

from aiohttp import web

from sandbox.faults import Fault
from sandbox.whmcs import actions as _all_actions  # noqa: F401  (registers every action)
from sandbox.whmcs import forms
from sandbox.whmcs.encode import Reply, shape, to_json, to_nvp, to_xml
from sandbox.whmcs.registry import ACTIONS, BEFORE, Call, Refusal
from sandbox.world import WORLD, World

TYPES = {"json": "application/json", "xml": "text/xml", "nvp": "text/html"}
MAINTENANCE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
HUGE_BYTES = 12 * 1024 * 1024


@dataclass(slots=True)
class Answer:
    """What goes out. `body` None means: cut the connection."""

    status: int
    body: bytes | None
    content_type: str
    outcome: str


async def api(request: web.Request) -> web.StreamResponse:
    world, started = request.app[WORLD], time.monotonic()
    params = await forms.read_form(request)
    name = forms.text(params, "action")
    fault = world.faults.take("whmcs", name)
    await world.clock.pause(world.faults.delay_ms("whmcs", fault) / 1000)
    answer = _faulty(fault, params) or await _run(world, request, params)
    if fault is not None:
        answer = _spoiled(fault, answer)
    shown = {key: value for key, value in params.items() if key not in ("action", "responsetype")}
    elapsed = (time.monotonic() - started) * 1000
    at = world.clock.instant()
    world.calls.record(
        at=at, system="whmcs", action=name, params=shown, status=answer.status, outcome=answer.outcome, ms=elapsed
    )
    if answer.body is None:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    headers = {"Location": "https://maintenance.invalid/"} if answer.status == 302 else None
    response = web.Response(
        status=answer.status, body=answer.body, content_type=answer.content_type, charset="utf-8", headers=headers
    )
    if name.lower() == "validatelogin" and answer.outcome == "success":
        response.set_cookie("WHMCSphpsession", secrets.token_hex(16), path="/whmcs/", httponly=True)
    return response


def _faulty(fault: Fault | None, params: forms.Params) -> Answer | None:
    """The faults that answer before any work is done."""
    if fault is None:
        return None
    outcome, kind = f"fault: {fault.kind}", fault.kind
    if kind == "down":
        return Answer(0, None, "", outcome)
    if kind == "auth_refused":
        return _refusal("Invalid or missing credentials", 403, params, outcome)
    if kind == "nvp_auth":
        return Answer(403, b"result=error;message=Authentication Failed;", TYPES["nvp"], outcome)
    if kind == "bad_utf8" and _wanted(params) == "json":
        text = "Error generating JSON encoded response: Malformed UTF-8 characters, possibly incorrectly encoded"
        return _refusal(text, 200, params, outcome)
    pages = {
        "http500": (500, "Oops! Something went wrong", "EmitterException: Output has been emitted previously"),
        "html": (200, "Down for Maintenance", "We are currently performing maintenance and will be back shortly."),
        "status429": (429, "Too Many Requests", "Slow down."),
        "redirect": (302, "Found", "The document has moved."),
    }
    if kind in pages:
        status, title, words = pages[kind]
        return Answer(status, MAINTENANCE.format(title, words).encode(), "text/html", outcome)
    if kind == "wrong_json":
        return Answer(200, b'{"data":[{"ok":true}],"page":1}', TYPES["json"], outcome)
    if kind == "huge":
        return Answer(200, b'{"result":"success","filler":"' + b"x" * HUGE_BYTES + b'"}', TYPES["json"], outcome)
    return None


def _spoiled(fault: Fault, answer: Answer) -> Answer:
    """The faults that happen to an answer after the work is done."""
    if fault.kind == "effect_no_reply":
        return Answer(0, None, "", f"fault: effect_no_reply ({answer.outcome})")
    if fault.kind == "truncated" and answer.body is not None:
        half = answer.body[: max(1, len(answer.body) // 2)]
        return Answer(answer.status, half, answer.content_type, f"fault: truncated ({answer.outcome})")
    if fault.kind == "slow":
        answer.outcome = f"fault: slow ({answer.outcome})"
    return answer


async def _run(world: World, request: web.Request, params: forms.Params) -> Answer:
    name = forms.text(params, "action")
    try:
        _authorise(world, request.remote or "", params, name)
        call = Call(world, params, f"{request.scheme}://{request.host}/whmcs")
        if check := BEFORE.get(name.lower()):
            event, about = check(call)
            await world.hooks.fire_and_wait(event, **about)
        with world.store.transaction():
            reply = {"result": "success"} | ACTIONS[name.lower()](call)
    except Refusal as refusal:
        return _refusal(refusal.message, refusal.status, params, f"error: {refusal.message}")
    outcome = "success" if reply["result"] == "success" else f"error: {reply['message']}"
    return _answer(shape(reply, world.faults.profile), 200, params, outcome)


def _authorise(world: World, remote: str, params: forms.Params, name: str) -> None:
    """IP, credential, permission, in that order [U]. An unknown action reads as a permission error."""
    profile, config = world.faults.profile, world.config
    bypass = profile.access_key and hmac.compare_digest(forms.text(params, "accesskey"), profile.access_key)
    if profile.allowed_ips is not None and remote not in profile.allowed_ips and not bypass:
        raise Refusal(f"Invalid IP {remote}", 403)
    identifier = forms.text(params, "identifier") or forms.text(params, "username")
    secret = forms.text(params, "secret") or forms.text(params, "password")
    if not identifier or not secret:
        raise Refusal("Authentication Failed", 403)
    if not hmac.compare_digest(identifier.encode(), config.whmcs_identifier.encode()):
        raise Refusal("Invalid or missing credentials", 403)
    if not hmac.compare_digest(secret.encode(), config.whmcs_secret.encode()):
        raise Refusal("Authentication Failed", 403)
    if not name:
        raise Refusal("Empty action request", 400)
    denied = {denied_name.lower() for denied_name in profile.denied_actions}
    if name.lower() not in ACTIONS or name.lower() in denied:
        raise Refusal(f'Invalid Permissions: API action "{name.lower()}" is not allowed', 403)


def _wanted(params: forms.Params) -> str:
    wanted = forms.text(params, "responsetype").lower()
    return wanted if wanted in TYPES else "nvp"


def _refusal(message: str, status: int, params: forms.Params, outcome: str) -> Answer:
    return _answer({"result": "error", "message": message}, status, params, outcome)


def _answer(reply: Reply, status: int, params: forms.Params, outcome: str) -> Answer:
    wanted = _wanted(params)
    if wanted == "json":
        body = to_json(reply)
    elif wanted == "xml":
        body = to_xml(reply, forms.text(params, "action"))
    else:
        body = to_nvp(reply)
    return Answer(status, body, TYPES[wanted], outcome)
