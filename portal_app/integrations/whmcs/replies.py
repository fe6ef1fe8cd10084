"""From the bytes WHMCS answered to a dict, or to the error they mean. Nothing of those bytes gets into an error.

Order: JSON, then NVP text, then the status. The reason is in the body, so it is read before the status is judged.
Source: WHMCS API reference, "Response", and what public clients meet on live installations.
"""

import json
import logging
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from portal_app.errors import (
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.upstream import CredentialRefused, TryAgain
from portal_app.integrations.whmcs.refusals import classify, is_at_the_door, refused_address

SYSTEM = "whmcs"
Reply = dict[str, Any]
log = logging.getLogger(__name__)
_PASSING = frozenset({429, 502, 503, 504})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MalformedUtf8(UpstreamReplyChanged):
    """A stored row is not UTF-8, so WHMCS cannot say it as JSON; as XML it can."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire for one call of `action`. `write` decides what not knowing means."""

    action: str
    write: bool
    status: int
    body: bytes
    retry_after: str = ""
    xml: bool = False


def understand(answer: Answer) -> Reply:
    """The reply of a successful call.

    Raises: UpstreamRejected with the kind of refusal as code; UpstreamUnavailable (TryAgain where a repeat may help,
    CredentialRefused); UpstreamOutcomeUnknown for a write whose answer says nothing; UpstreamReplyChanged.
    """
    reply = _parsed(answer)
    if reply is None:
        raise _senseless(answer)
    result = str(reply.get("result", reply.get("status", ""))).strip().lower()
    if result == "error":
        raise _refusal(answer, str(reply.get("message", "")))
    if answer.status != 200:
        raise _senseless(answer)
    if result != "success":
        raise _changed(answer, "no result")
    return reply


def _parsed(answer: Answer) -> Reply | None:
    if answer.xml:
        return _from_xml(answer.body)
    text = answer.body.decode("utf-8-sig", errors="replace").strip()
    reply = _from_json(text)
    if reply is None and text.lower().startswith("result="):
        # Authentication errors may come as NVP although JSON was asked for. A success does not: NVP cannot carry lists.
        pairs = dict(_pair(part) for part in text.split(";") if "=" in part)
        reply = pairs if pairs["result"].strip().lower() == "error" else {}
    return reply


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value


def _from_json(text: str) -> Reply | None:
    try:
        reply = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _from_xml(body: bytes) -> Reply | None:
    text = _NOT_XML.sub("\ufffd", body.decode("utf-8", errors="replace"))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # noqa: S314  no entity can be declared
    except ElementTree.ParseError:
        return None
    reply = _element(root)
    return reply if root.tag == "whmcsapi" and isinstance(reply, dict) else None


def _element(element: ElementTree.Element) -> Any:
    """Text, or a dict in which a repeated tag is a list. One row and one object look alike: as_list knows."""
    if len(element) == 0:
        return element.text or ""
    found: Reply = {}
    for child in element:
        value = _element(child)
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[child.tag] = value
    return found


def _refusal(answer: Answer, message: str) -> UpstreamError:
    kind = classify(message)
    if kind in ("credential", "allowlist") and answer.status == 200 and not is_at_the_door(message):
        kind = "other"  # a provisioning module speaks of its own server: that must not close ours to everybody
    if kind == "credential":
        return CredentialRefused(SYSTEM, answer.action, kind)
    if kind == "allowlist":
        log.error("address not allowed", extra={"system": SYSTEM, "refused_ip": refused_address(message)})
        return UpstreamUnavailable(SYSTEM, answer.action, kind)
    if kind == "malformed":
        return MalformedUtf8(SYSTEM, answer.action, kind) if not answer.write else _unknown(answer, kind)
    if answer.status in _PASSING or answer.status >= 500:
        return _senseless(answer)
    if kind in ("permission", "programming"):
        log.error("action refused", extra={"system": SYSTEM, "operation": answer.action, "code": kind})
    elif answer.status in (401, 403) and kind != "login":  # a customer's wrong password is no fault of ours
        return CredentialRefused(SYSTEM, answer.action, "credential")
    return UpstreamRejected(SYSTEM, answer.action, kind)


def _senseless(answer: Answer) -> UpstreamError:
    """No reply of the API: a proxy, a maintenance page, a crash, a wrong address."""
    code = f"http_{answer.status}" if answer.status != 200 else "not_json"
    if answer.status == 429:
        return TryAgain(SYSTEM, answer.action, code, retry_after=_seconds(answer.retry_after))  # refused before it ran
    if answer.write:
        return _unknown(answer, code)
    if answer.status in _PASSING:
        return TryAgain(SYSTEM, answer.action, code, retry_after=_seconds(answer.retry_after))
    return UpstreamUnavailable(SYSTEM, answer.action, code)


def _unknown(answer: Answer, code: str) -> UpstreamError:
    return UpstreamOutcomeUnknown(SYSTEM, answer.action, code)


def _changed(answer: Answer, where: str) -> UpstreamError:
    return _unknown(answer, where) if answer.write else UpstreamReplyChanged(SYSTEM, answer.action, where)


def _seconds(retry_after: str) -> float | None:
    """Retry-After as seconds. A date is answered with None: no clock here is theirs."""
    text = retry_after.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
