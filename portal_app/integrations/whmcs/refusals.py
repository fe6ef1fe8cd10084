"""What WHMCS's English error texts mean. There are no error codes, and the case of the words varies between actions.

Source: WHMCS API reference, the error texts of each action.
"""

import ipaddress
import re
from typing import Literal

Refusal = Literal[
    "owner_unknown",
    "first_name_missing",
    "last_name_missing",
    "email_missing",
    "address_missing",
    "city_missing",
    "state_missing",
    "postcode_missing",
    "phone_missing",
    "password_missing",
    "email_invalid",
    "email_taken",
    "country_invalid",
    "phone_invalid",
    "custom_field_missing",
    "domain_email_needed",
    "several_pay_methods",
    "client_closed",
    "cart_empty",
    "gateway_unknown",
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

# How the texts about a client's own data (AddClient, UpdateClient, AddUser) and about a cart (AddOrder) begin. Asked
# first: the rest of such a text may hold the name of a custom field or gateway, which may be any words.
_BEGINNINGS: tuple[tuple[Refusal, tuple[str, ...]], ...] = (
    ("owner_unknown", ("invalid owner user id",)),
    ("first_name_missing", ("you did not enter your first name", "you did not enter a first name")),
    ("last_name_missing", ("you did not enter your last name", "you did not enter a last name")),
    ("email_missing", ("you did not enter your email address", "you did not enter an email address")),
    ("address_missing", ("you did not enter your address line 1",)),
    ("city_missing", ("you did not enter your city",)),
    ("state_missing", ("you did not enter your state",)),
    ("postcode_missing", ("you did not enter your postcode",)),
    ("phone_missing", ("you did not enter your phone number",)),
    ("password_missing", ("you did not enter a password",)),
    ("email_invalid", ("the email address you entered was not valid", "the email address entered is not valid")),
    (
        "email_taken",
        (
            "the email address entered is not available for use",
            "a user already exists with that email address",
            "duplicate email address",
        ),
    ),
    ("country_invalid", ("valid country required",)),
    ("phone_invalid", ("invalid telephone phone number",)),
    ("custom_field_missing", ("you did not provide required custom field value for",)),
    ("domain_email_needed", ("you must have at least one email address enabled",)),
    ("several_pay_methods", ("multiple credit card pay methods found", "multiple bank account pay methods found")),
    ("client_closed", ("unable to add order when client status is closed",)),
    ("cart_empty", ("no items added to cart",)),
    ("gateway_unknown", ("invalid payment method. valid options include",)),
)
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
    ("validation", ("must be in decimal format",)),
    ("conflict", ("already exists", "duplicate email", "not available for use", "must be unique")),
    (
        "state_conflict",
        (
            "previous upgrade invoice",
            "not in unpaid status",
            "is cancelled",
            "must be in",
            "status is closed",
            "amount exceeds",
            "cannot modify an invoice",
            "not assigned to a module",
        ),
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
            "invalid payment method",
            "invalid pay method type",
            "invalid status",
            "invalid destination",
            "addon id invalid",
            "no amount provided",
            "can only be add or remove",
            "must be greater than zero",
            "to be an array",
            "please enter the email address",
            "please provide a valid email address",
            "cannot create and send a draft",
        ),
    ),
)

_DOOR = re.compile(
    r"(invalid or missing credentials|authentication failed|invalid password provided|administrator account disabled"
    r"|(invalid|forbidden) ip \S+)\.?"
)


def classify(message: str) -> Refusal:
    """The kind of refusal a message means; "other" for module and gateway texts, which only staff may see."""
    text = " ".join(message.lower().split())
    if text.startswith("invoice not found or not unpaid"):  # CapturePayment says both at once: look at the invoice
        return "state_conflict"
    for kind, beginnings in _BEGINNINGS:
        if text.startswith(beginnings):
            return kind
    return next((kind for kind, parts in _TABLE if any(part in text for part in parts)), "other")


def is_at_the_door(message: str) -> bool:
    """Whether a text is exactly what WHMCS says to whom it does not let in, and not a module's that begins alike."""
    return _DOOR.fullmatch(" ".join(message.lower().split())) is not None


def refused_address(message: str) -> str:
    """Our own address as WHMCS saw it, from `Invalid IP 203.0.113.7`; "" when there is none."""
    for word in re.split(r"[\s,;]+", message):
        try:
            return str(ipaddress.ip_address(word.strip(".()[]")))
        except ValueError:
            continue
    return ""
