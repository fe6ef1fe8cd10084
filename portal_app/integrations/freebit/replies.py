"""From the bytes Freebit answered to a dict, or to the error they mean. Nothing of those bytes gets into an error.

A refusal is HTTP 200 with a resultCode other than 100. Source: the public parts of the partner interface.
"""

import json
import logging
import re
from dataclasses import dataclass
from typing import Any, Final

from portal_app.errors import UpstreamError, UpstreamOutcomeUnknown, UpstreamReplyChanged, UpstreamUnavailable
from portal_app.integrations.freebit.refusals import OK, SYSTEM, SimRefused, classify
from portal_app.integrations.upstream import CredentialRefused, TryAgain

Reply = dict[str, Any]
log = logging.getLogger(__name__)
_PASSING: Final = frozenset({429, 502, 503, 504})
_CLIENT_ERRORS: Final = range(400, 429)
_CODE: Final = re.compile(r"\d{1,5}(-\d{1,5})?", re.ASCII)


class KeyRefused(UpstreamUnavailable):
    """Our authKey is not known any more, so nothing was done: log in once more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire for one call of `operation`. `write` decides what not knowing means."""

    operation: str
    write: bool
    status: int
    body: bytes
    retry_after: str = ""


def understand(answer: Answer) -> Reply:
    """The reply of a successful call.

    Raises: SimRefused; KeyRefused; UpstreamUnavailable (TryAgain where a repeat may help, CredentialRefused);
    UpstreamOutcomeUnknown for a write whose answer says nothing; UpstreamReplyChanged.
    """
    reply = _parsed(answer.body)
    code = "" if reply is None else _code(reply.get("resultCode"))
    if code and code != OK and (answer.status == 200 or answer.status in _CLIENT_ERRORS):
        raise _refusal(answer, code)
    if reply is None or answer.status != 200:
        raise _senseless(answer)
    if not code:
        raise changed(answer.operation, "resultCode", write=answer.write)
    return reply


def changed(operation: str, where: str, *, write: bool) -> UpstreamError:
    """Another shape than we parse. A write may have been done all the same."""
    log.error("reply changed", extra={"system": SYSTEM, "operation": operation, "code": where})
    kind = UpstreamOutcomeUnknown if write else UpstreamReplyChanged
    return kind(SYSTEM, operation, where)


def _parsed(body: bytes) -> Reply | None:
    try:
        reply = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return reply if isinstance(reply, dict) else None


def _code(value: Any) -> str:
    """It may be a number or a text."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    text = str(value).strip()
    return text if _CODE.fullmatch(text) else ""


def _refusal(answer: Answer, code: str) -> UpstreamError:
    kind = classify(code)
    if kind == "credential":
        return CredentialRefused(SYSTEM, answer.operation, kind)
    if kind == "key":
        return KeyRefused(SYSTEM, answer.operation, kind)
    if kind == "busy":
        return TryAgain(SYSTEM, answer.operation, kind)
    about = {"system": SYSTEM, "operation": answer.operation, "code": kind, "provider_code": code}
    (log.error if kind in ("other", "bulk") else log.info)("freebit refused", extra=about)
    return SimRefused(answer.operation, kind, code)


def _senseless(answer: Answer) -> UpstreamError:
    """No reply of the interface: a proxy, a maintenance page, a crash, a wrong address."""
    code = f"http_{answer.status}" if answer.status != 200 else "not_json"
    if answer.status == 429:
        return TryAgain(SYSTEM, answer.operation, code, retry_after=_seconds(answer.retry_after))  # before it ran
    if answer.write:
        return UpstreamOutcomeUnknown(SYSTEM, answer.operation, code)
    if answer.status in _PASSING:
        return TryAgain(SYSTEM, answer.operation, code, retry_after=_seconds(answer.retry_after))
    return UpstreamUnavailable(SYSTEM, answer.operation, code)


def _seconds(retry_after: str) -> float | None:
    """Retry-After as seconds. A date is answered with None: no clock here is theirs."""
    text = retry_after.strip()
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
