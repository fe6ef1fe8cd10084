"""The two tokens of a session: a short signed access token, and a refresh token that is derived and so never stored.

Neither is accepted as the other: they differ in form and are made with different keys.
"""

import hashlib
import hmac
import re
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import jwt

from portal_app.storage.clock import Clock

ACCESS_LIFE = timedelta(minutes=10)
LEEWAY_S = 30
TYPE = "at+jwt"
ALGORITHM = "HS256"
CLAIMS = ("iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp")
LONGEST = 2048


class Subject(Protocol):
    """The part of a session an access token speaks of."""

    @property
    def session_id(self) -> str: ...

    @property
    def user_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid access token says. The session row still decides whether the session lives."""

    user_id: str
    session_id: str
    token_id: str


class AccessTokens:
    """HS256 and nothing else. Times come from the given clock, not from the library's."""

    def __init__(self, secret: str, issuer: str, audience: str, clock: Clock) -> None:
        self._secret, self._issuer, self._audience, self._clock = secret, issuer, audience, clock

    def mint(self, session: Subject) -> str:
        """A token for ten minutes."""
        now = int(self._clock.now().timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": session.user_id,
            "sid": session.session_id,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + int(ACCESS_LIFE.total_seconds()),
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM, headers={"typ": TYPE})

    def verify(self, token: str) -> Claims | None:
        """What it says, or None for anything that is not exactly one of ours within its time."""
        if not token or len(token) > LONGEST:
            return None
        try:
            # An allow-list: a header we did not write (kid, jku, x5u, jwk, crit) never hints where a key might be.
            if jwt.get_unverified_header(token) != {"alg": ALGORITHM, "typ": TYPE}:
                return None
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": list(CLAIMS), "verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            return None
        if not self._in_time(claims) or not all(isinstance(claims[c], str) for c in ("aud", "sub", "sid", "jti")):
            return None
        return Claims(claims["sub"], claims["sid"], claims["jti"])

    def _in_time(self, claims: dict[str, Any]) -> bool:
        times = [claims["iat"], claims["nbf"], claims["exp"]]
        if any(type(t) is not int for t in times):
            return False
        now = self._clock.now().timestamp()
        issued, not_before, expires = times
        return issued <= now + LEEWAY_S and not_before <= now + LEEWAY_S and now < expires + LEEWAY_S


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token taken apart. Genuine only when it equals the derived one."""

    session_id: str
    generation: int
    token: str


class RefreshTokens:
    """`<session id>.<generation>.<256 bits>`: the secret part is an HMAC, so a lost successor can be made again."""

    _FORM = re.compile(r"([0-9a-f-]{36})\.(0|[1-9][0-9]{0,8})\.[A-Za-z0-9_-]{43}")

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def derive(self, session_id: str, generation: int, nonce: str) -> str:
        """The refresh token of that generation."""
        mac = hmac.digest(self._key, f"refresh|{session_id}|{generation}|{nonce}".encode(), hashlib.sha256)
        return f"{session_id}.{generation}.{urlsafe_b64encode(mac).rstrip(b'=').decode('ascii')}"

    def handle(self, session_id: str) -> str:
        """What names a session to its owner and opens nothing: no id can be read out of it."""
        return hmac.digest(self._key, f"handle|{session_id}".encode(), hashlib.sha256).hex()[:32]

    def parse(self, token: str) -> Presented | None:
        """Its parts, or None when it has not even the form."""
        form = self._FORM.fullmatch(token) if len(token) <= 128 else None
        return Presented(form[1], int(form[2]), token) if form else None

    def genuine(self, presented: Presented, nonce: str) -> bool:
        """Whether we made it for that session, in whatever generation. Constant time."""
        expected = self.derive(presented.session_id, presented.generation, nonce)
        return hmac.compare_digest(expected.encode(), presented.token.encode())
