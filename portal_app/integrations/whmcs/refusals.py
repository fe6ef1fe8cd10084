"""What WHMCS's English error texts mean. There are no error codes, and the case of the words varies between actions.

Source: WHMCS API reference, the error texts of each action.
"""

import ipaddress
import re
from typing import Literal

Refusal = Literal[
    "allowlist",
    "permission",
    "credential",
    "programming",
    "malformed",
    "login",
    "ambiguous_state",
    "not_found",
    "ownership",
    "conflict",
    "state_conflict",
    "validation",
    "declined",
    "sso_blocked",
    "other",
]

# The first row with a matching part decides, so the order matters: "not found or status not pending" is no "not found".
_TABLE: tuple[tuple[Refusal, tuple[str, ...]], ...] = (
    ("allowlist", ("invalid ip", "forbidden ip")),
    ("permission", ("invalid permissions", "access denied", "restricted to internal api")),
    (
        "credential",
        (
            "invalid or missing credentials",
            "authentication failed",
            "invalid password provided",
            "administrator account disabled",
        ),
    ),
    ("programming", ("empty action", "command not found", "action could not be found")),
    ("malformed", ("json encoded response", "malformed utf-8")),
    ("login", ("email or password invalid",)),
    ("ambiguous_state", ("not found or status not pending",)),
    ("sso_blocked", ("sso authentication blocked",)),
    ("state_conflict", ("existing cancellation request exists",)),
    ("declined", ("payment attempt failed",)),
    (
        "not_found",
        (
            "not found",
            "invalid client id",
            "invalid user id",
            "invalid user_id",
            "invalid client_id",
            "invalid pay method id",
        ),
    ),
    ("ownership", ("does not belong", "does not own", "not owned")),
    ("conflict", ("already exists", "duplicate email", "not available for use", "must be unique")),
    (
        "state_conflict",
        ("previous upgrade invoice", "not in unpaid status", "is cancelled", "must be in"),
    ),
    (
        "validation",
        (
            "you did not enter",
            "is required",
            "are required",
            "was not valid",
            "is not valid",
            "is invalid",
            "valid country required",
            "invalid telephone",
        ),
    ),
)


def classify(message: str) -> Refusal:
    """The kind of refusal a message means; "other" for module and gateway texts, which only staff may see."""
    text = " ".join(message.lower().split())
    if text.startswith("invoice not found or not unpaid"):  # CapturePayment says both at once: look at the invoice
        return "state_conflict"
    return next((kind for kind, parts in _TABLE if any(part in text for part in parts)), "other")


def refused_address(message: str) -> str:
    """Our own address as WHMCS saw it, from `Invalid IP 203.0.113.7`; "" when there is none."""
    for word in re.split(r"[\s,;]+", message):
        try:
            return str(ipaddress.ip_address(word.strip(".()[]")))
        except ValueError:
            continue
    return ""
