"""The device cookie: proof that somebody once signed in to this account from this browser. It signs nobody in."""

import hashlib
import hmac
import re
import uuid
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Final

from portal_app.storage.clock import Clock

LIFE: Final = timedelta(days=180)
_FORM = re.compile(r"d1\.([0-9a-f-]{36})\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{43})")


class DeviceCookies:
    """`d1.<device id>.<made at>.<signature>`; the account is signed but not written, so the cookie names nobody."""

    def __init__(self, secret: str, clock: Clock) -> None:
        # A key of its own, so that a device cookie can never pass for anything else made from the same secret.
        self._key = hmac.digest(secret.encode(), b"device cookie", hashlib.sha256)
        self._clock = clock

    def mint(self, email_index: str) -> str:
        """A cookie for a new device of that account."""
        device_id, made = str(uuid.uuid4()), int(self._clock.now().timestamp())
        return f"d1.{device_id}.{made}.{self._sign(device_id, made, email_index)}"

    def read(self, cookie: str | None, email_index: str) -> str | None:
        """The device id, or None unless we signed it for that account within 180 days."""
        form = _FORM.fullmatch(cookie or "")
        if form is None:
            return None
        device_id, made, signature = form[1], int(form[2]), form[3]
        if not hmac.compare_digest(signature, self._sign(device_id, made, email_index)):
            return None
        age = self._clock.now().timestamp() - made
        return device_id if age <= LIFE.total_seconds() else None

    def _sign(self, device_id: str, made: int, email_index: str) -> str:
        mac = hmac.digest(self._key, f"{device_id}|{made}|{email_index}".encode(), hashlib.sha256)
        return urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")
