"""What one sign-up is, as read from its row."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal_app.storage.encryption import DecryptionFailed, FieldCipher

AWAITING_EMAIL: Final = "AWAITING_EMAIL"
VERIFIED: Final = "VERIFIED"
WAITING_FOR_STAFF: Final = "WAITING_FOR_STAFF"
PROVEN: Final = "PROVEN"
ADD_INTENT: Final = "ADD_INTENT"
ADDED: Final = "ADDED"
COMPENSATING: Final = "COMPENSATING"
COMPLETED: Final = "COMPLETED"
REFUSED: Final = "REFUSED"
NEEDS_REVIEW: Final = "NEEDS_REVIEW"
EXPIRED: Final = "EXPIRED"

ADVANCING: Final = (VERIFIED, WAITING_FOR_STAFF, PROVEN, ADD_INTENT, ADDED, COMPENSATING)
"""The worker goes on from here by itself."""
TERMINAL: Final = (COMPLETED, REFUSED, EXPIRED)
"""Nothing happens any more: no payload, no claim, no lease."""

PAYLOAD: Final = ("signups", "payload")


@dataclass(frozen=True, slots=True)
class SignupPayload:
    """What the person typed. Never logged."""

    details_json: str = field(repr=False)
    password_hash: str = field(repr=False)
    email: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignupRecord:
    """A sign-up as it was when read. `payload` is None once it ended; `whmcs_client_id` is 0 while there is none.

    `fence` and `lease_owner` prove the hold of whoever got this record from `take` or `claim_due`.
    """

    signup_id: str
    user_id: str
    state: str
    payload: SignupPayload | None
    locale: str
    sf_account_id: str
    sf_contact_id: str
    case_id: str
    whmcs_client_id: int
    attempts: int
    last_attempt_at: datetime | None
    next_attempt_at: datetime | None
    error_code: str
    created_at: datetime
    verified_at: datetime | None
    fence: int
    lease_owner: str


COPIED: Final = tuple(name for name in SignupRecord.__slots__ if name != "payload")


def sealed(cipher: FieldCipher, signup_id: str, payload: SignupPayload) -> str:
    """The payload as its column keeps it."""
    text = json.dumps([payload.details_json, payload.password_hash, payload.email])
    return cipher.seal(*PAYLOAD, signup_id, text)


def opened(cipher: FieldCipher, row: Any) -> SignupRecord:
    """The record of a row. Raises DecryptionFailed."""
    payload = None
    if row.payload_sealed:
        text = cipher.open(*PAYLOAD, row.signup_id, row.payload_sealed)
        try:
            payload = SignupPayload(*json.loads(text))
        except (ValueError, TypeError):
            raise DecryptionFailed("signups.payload: shape") from None
    return without_payload(row, payload)


def without_payload(row: Any, payload: SignupPayload | None = None) -> SignupRecord:
    """The record of a row whose payload is not needed."""
    return SignupRecord(payload=payload, **{name: getattr(row, name) for name in COPIED})
