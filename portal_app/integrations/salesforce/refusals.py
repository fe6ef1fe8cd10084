"""What Salesforce's refusals and a broken line mean. Codes decide, not the status alone; no text of theirs is kept.

Source: Salesforce, "REST API status codes and error responses"; the codes the portal can meet.
"""

import logging
import random
import re
from collections.abc import Iterator
from typing import Any, Final

import requests
from requests.exceptions import RequestException
from simple_salesforce.exceptions import SalesforceError
from urllib3.exceptions import NewConnectionError

from portal_app.errors import (
    NotFound,
    PortalError,
    UpstreamError,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.session import NoTimeLeft, StrangeReply, WrongAddress
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.upstream import CredentialRefused, TryAgain

log = logging.getLogger(__name__)

# What nothing was done for, and is worth another try soon; the pause is theirs, the number of tries too.
_CONTENTION_PAUSE_S: Final = (0.5, 2.0)
_CONTENTION_ATTEMPTS: Final = 3
_PASSING: Final = frozenset({429, 502, 503, 504})
_CODE: Final = re.compile(r"[A-Z][A-Z_]{2,60}", re.ASCII)
# Their code -> ours. Whatever is not here is "other": rejected below 500, passing from there on.
_REJECTED: Final = {
    "APEX_ERROR": "apex",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "trigger",
    "DUPLICATES_DETECTED": "duplicates_detected",
    "DUPLICATE_EXTERNAL_ID": "more_than_one",
    "DUPLICATE_VALUE": "duplicate_value",
    "FAILED_ACTIVATION": "activation",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "validation",
    "FIELD_FILTER_VALIDATION_EXCEPTION": "validation",
    "FIELD_INTEGRITY_EXCEPTION": "integrity",
    "INSUFFICIENT_ACCESS": "no_access",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "no_access",
    "INSUFFICIENT_ACCESS_OR_READONLY": "no_access",
    "INVALID_CROSS_REFERENCE_KEY": "reference",
    "INVALID_FIELD": "field",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "field",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "picklist",
    "INVALID_QUERY_FILTER_OPERATOR": "query",
    "INVALID_TYPE": "object",
    "MALFORMED_ID": "malformed_id",
    "MALFORMED_QUERY": "query",
    "QUERY_TIMEOUT": "query_timeout",
    "REQUIRED_FIELD_MISSING": "required",
    "STORAGE_LIMIT_EXCEEDED": "storage",
    "STRING_TOO_LONG": "too_long",
}
_OURS_TO_REPAIR: Final = frozenset({"no_access", "field", "object", "query", "storage", "required"})
_GONE: Final = frozenset({"NOT_FOUND", "ENTITY_IS_DELETED"})
_SWITCHED_OFF: Final = frozenset({"API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG"})


class SessionEnded(Exception):
    """Our token is no longer good; nothing was done. One new one may be asked for."""


class DailyLimit(UpstreamUnavailable):
    """The organisation's allowance of the day is used up; nothing was done."""


def meaning(failure: Exception, operation: str, kind: str, *, write: bool) -> Exception:
    """What a failure of the library or the line means for one call about an object of that kind."""
    if isinstance(failure, SalesforceError):
        return _refused(failure, operation, kind, write)
    if isinstance(failure, RequestException):
        return _broken(failure, operation, write)
    return changed(operation, "shape", write=write)


def changed(operation: str, where: str, *, write: bool = False) -> UpstreamError:
    """An answer we cannot read; after a write that means not knowing."""
    log.error("reply changed", extra={"system": SYSTEM, "operation": operation, "code": where})
    return UpstreamOutcomeUnknown(SYSTEM, operation, where) if write else UpstreamReplyChanged(SYSTEM, operation, where)


def _refused(failure: SalesforceError, operation: str, kind: str, write: bool) -> Exception:
    entries = list(_entries(failure.content))
    codes = {code for code, _ in entries}
    if failure.status == 401:
        policy = any("not valid for use" in text for _, text in entries)
        return CredentialRefused(SYSTEM, operation, "session_policy") if policy else SessionEnded()
    if failure.status == 300:
        return UpstreamRejected(SYSTEM, operation, "more_than_one")
    if "UNABLE_TO_LOCK_ROW" in codes or any("UNABLE_TO_LOCK_ROW" in text for _, text in entries):
        return _contention(operation, "row_locked")
    if "REQUEST_LIMIT_EXCEEDED" in codes:
        spent = any("TotalRequests" in text for _, text in entries)
        return DailyLimit(SYSTEM, operation, "daily_limit") if spent else _contention(operation, "too_many_long")
    return _by_code(entries, failure.status, operation, kind, write)


def _by_code(entries: list[tuple[str, str]], status: int, operation: str, kind: str, write: bool) -> PortalError:
    code = next((code for code, _ in entries if code in _REJECTED), entries[0][0] if entries else "")
    if not code or status >= 500 or code == "SERVER_UNAVAILABLE":
        return _senseless(operation, status, write)
    if code in _GONE:
        return NotFound(kind)
    if code in _SWITCHED_OFF:
        log.error("api switched off", extra={"system": SYSTEM, "operation": operation, "code": code.lower()})
        return UpstreamUnavailable(SYSTEM, operation, "api_disabled")
    ours = _REJECTED.get(code, "other")
    if ours in _OURS_TO_REPAIR or ours == "other":
        log.error("refused", extra={"system": SYSTEM, "operation": operation, "code": code.lower()})
    return UpstreamRejected(SYSTEM, operation, ours)


def _contention(operation: str, code: str) -> TryAgain:
    pause = random.uniform(*_CONTENTION_PAUSE_S)  # noqa: S311  spreads load, guards nothing
    return TryAgain(SYSTEM, operation, code, retry_after=pause, attempts=_CONTENTION_ATTEMPTS)


def _senseless(operation: str, status: int, write: bool) -> UpstreamError:
    """No answer of the API itself, or one that says it is in trouble."""
    code = f"http_{status}"
    if status == 429:
        return TryAgain(SYSTEM, operation, code)
    if write and (status >= 500 or status < 400):
        return UpstreamOutcomeUnknown(SYSTEM, operation, code)
    if status in _PASSING or status >= 500:
        return TryAgain(SYSTEM, operation, code)
    return UpstreamUnavailable(SYSTEM, operation, code)


def _broken(failure: RequestException, operation: str, write: bool) -> UpstreamError:
    if isinstance(failure, WrongAddress | requests.exceptions.InvalidURL):
        log.error("address refused", extra={"system": SYSTEM, "operation": operation})
        return UpstreamUnavailable(SYSTEM, operation, "address")
    if isinstance(failure, NoTimeLeft):
        return UpstreamUnavailable(SYSTEM, operation, "deadline")
    if isinstance(failure, requests.exceptions.SSLError) and "certificate" in str(failure).lower():
        return UpstreamUnavailable(SYSTEM, operation, "certificate")
    if isinstance(failure, requests.exceptions.ConnectTimeout) or _never_connected(failure):
        return TryAgain(SYSTEM, operation, "connect")
    if isinstance(
        failure, StrangeReply | requests.exceptions.JSONDecodeError | requests.exceptions.ContentDecodingError
    ):
        return changed(operation, "unreadable", write=write)
    code = "timeout" if isinstance(failure, requests.exceptions.Timeout) else "dropped"
    return UpstreamOutcomeUnknown(SYSTEM, operation, code) if write else TryAgain(SYSTEM, operation, code)


def _never_connected(failure: RequestException) -> bool:
    inner: Any = failure.args[0] if failure.args else None
    return isinstance(getattr(inner, "reason", inner), NewConnectionError)


def _entries(content: Any) -> Iterator[tuple[str, str]]:
    """(code, text) of every entry: a list, an object, or no JSON at all. A code of another shape reads as none."""
    rows = content if isinstance(content, list) else [content]
    for row in rows:
        if isinstance(row, dict):
            code, text = row.get("errorCode"), row.get("message")
            yield code if isinstance(code, str) and _CODE.fullmatch(code) else "", text if isinstance(text, str) else ""
