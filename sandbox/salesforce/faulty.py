"""How Salesforce fails on demand: refusals in its own words, and everything a network can do to an answer."""

from __future__ import annotations

from sandbox.faults import Fault
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.org import Org

EXPIRED = ("INVALID_SESSION_ID", "Session expired or invalid", 401)
REFUSALS = {
    "auth_refused": EXPIRED,
    "lock_row": ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records", 400),
    "request_limit": ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 403),
    "concurrent_limit": ("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", 403),
    "unavailable": ("SERVER_UNAVAILABLE", "The server is temporarily unavailable", 503),
    "unknown": ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId: 1-1 (-1)", 500),
}
IN_PARTS = ("lock_row", "unknown")
HUGE_BYTES = 12 * 1024 * 1024
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
PAGES = {
    "http500": (500, "Internal Server Error"),
    "html": (200, "We are down for maintenance."),
    "status429": (429, "Too Many Requests"),
    "redirect": (302, "Found"),
}


def refusal_for(kind: str) -> Refusal | None:
    found = REFUSALS.get(kind)
    return None if found is None else Refusal(found[0], found[1], found[2])


def refuse_part(org: Org, action: str) -> None:
    """Single records of a collection and parts of a composite fail on their own too."""
    fault = org.faults.take("salesforce", action, IN_PARTS)
    refusal = refusal_for(fault.kind) if fault is not None else None
    if refusal is not None:
        raise refusal


def spoiled(fault: Fault | None, body: bytes) -> tuple[bytes | None, str]:
    """The answer's bytes after the work was done, None to cut the connection, and what to note about it."""
    if fault is None or fault.kind not in ("effect_no_reply", "truncated", "slow"):
        return body, ""
    if fault.kind == "effect_no_reply":
        return None, "fault: effect_no_reply"
    if fault.kind == "truncated":
        return body[: len(body) // 2], "fault: truncated"
    return body, "fault: slow"


def instead(fault: Fault | None) -> tuple[int, bytes, str] | None:
    """Status, body and content type of an answer without any work; status 0 cuts the connection."""
    kind = fault.kind if fault is not None else ""
    if kind == "down":
        return 0, b"", ""
    if kind in PAGES:
        status, title = PAGES[kind]
        return status, PAGE.format(title).encode(), "text/html"
    if kind == "wrong_json":
        return 200, b'{"data":[{"ok":true}],"page":1}', "application/json"
    if kind == "huge":
        return 200, b'{"totalSize":0,"done":true,"records":[],"x":"' + b"x" * HUGE_BYTES + b'"}', "application/json"
    return None
