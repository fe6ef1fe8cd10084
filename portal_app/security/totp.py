"""Time-based codes of an authenticator: RFC 6238, SHA-1, six digits, thirty seconds (P7)."""

import hmac
import io
import re
from datetime import datetime
from typing import Final

import pyotp
import segno

STEP_S: Final = 30
WINDOW: Final = 1
"""Steps before and after the present one whose code is taken too: clocks differ."""
SECRET_LETTERS: Final = 32
"""Base32, five bits each: 160 bit."""
_SIX_DIGITS: Final = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits as base32."""
    return pyotp.random_base32(SECRET_LETTERS)


def step_at(now: datetime) -> int:
    """The number of the time step."""
    return int(now.timestamp()) // STEP_S


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step near `now` whose code this is, the newest of them; None for anything else, five digits included.

    Every step of the window is compared in full, so the time says nothing about which.
    """
    if not _SIX_DIGITS.fullmatch(code):
        return None
    made = pyotp.TOTP(secret)
    present, found = step_at(now), None
    for step in range(present - WINDOW, present + WINDOW + 1):
        if hmac.compare_digest(made.generate_otp(step), code):
            found = step
    return found


def uri(secret: str, *, account: str, issuer: str) -> str:
    """What an authenticator reads: otpauth://totp/..."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr_svg(text: str) -> str:
    """The same as a picture: an SVG document, black on white as scanners want it, without a size of its own."""
    made = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        made,
        kind="svg",
        border=4,
        dark="#000",
        light="#fff",
        omitsize=True,
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return made.getvalue().decode("utf-8").strip()
