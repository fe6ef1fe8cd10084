"""Our token for Salesforce: signed for by a key (JWT bearer flow), asked for once by all who need it, kept for a while.

The reply names no lifetime and there is no refresh token: before its end a new one is asked for.
Source: Salesforce, "OAuth 2.0 JWT bearer flow for server-to-server integration".
"""

import asyncio
import json
import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal_app.errors import ConfigError, UpstreamError, UpstreamUnavailable
from portal_app.integrations.salesforce.refusals import changed, meaning
from portal_app.integrations.salesforce.session import SfSession, checked_origin
from portal_app.integrations.salesforce.threads import Threads
from portal_app.integrations.salesforce.usage import SYSTEM
from portal_app.integrations.upstream import CredentialRefused, TryAgain
from portal_app.storage.flights import Flights

OPERATION: Final = "Login"
TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105  no secret
ASSERTION_S: Final = 180
KEPT_S: Final = 12 * 60.0
EARLY_S: Final = 60.0
TOTAL_S, READ_S = 20.0, 15.0
_PASSING: Final = frozenset({"server_error", "temporarily_unavailable"})
_ERROR: Final = re.compile(r"[a-z_]{3,40}", re.ASCII)
_IDENTITY: Final = re.compile(r"/id/(00D[A-Za-z0-9]{12,15})/(005[A-Za-z0-9]{12,15})$", re.ASCII)
log = logging.getLogger(__name__)


class HasNow(Protocol):
    """The part of storage's Clock used here."""

    def now(self) -> datetime:
        """UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A session. `origin` is the instance it is for; `organization_id` is "" where the reply names none."""

    value: str = field(repr=False)
    origin: str
    organization_id: str = ""
    use_until: float = field(default=0.0, compare=False)


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: str = Field(min_length=1, max_length=10_000, pattern=r"^[\x21-\x7e]+$", repr=False)
    instance_url: str
    id: str = ""


class Tokens:
    """One integration user. `private_key` is an RSA key, or its PEM text.

    Raises: ConfigError when the key or the address is none.
    """

    def __init__(
        self,
        threads: Threads,
        login_url: str,
        client_id: str,
        username: str,
        private_key: str | bytes | RSAPrivateKey,
        clock: HasNow,
        *,
        audience: str = "",
        kept_s: float = KEPT_S,
    ) -> None:
        self._threads, self._clock, self._kept_s = threads, clock, kept_s
        self._key, self._login_origin = _rsa_key(private_key), _origin(login_url)
        self._claims = {"iss": client_id, "sub": username, "aud": audience or login_url.rstrip("/")}
        self._token: Token | None = None
        self._flights: Flights[Token] = Flights()

    async def get(self) -> Token:
        """A token with some life left. Raises: UpstreamUnavailable and its kinds, UpstreamReplyChanged."""
        token = self._token
        if token is not None and _loop_time() < token.use_until:
            return token
        return await self._flights.wait("login", self._login)

    def forget(self, token: Token) -> None:
        """This very token was refused. One that has taken its place meanwhile is kept."""
        if self._token is token:
            self._token = None

    async def stop(self) -> None:
        """Cancel a login under way."""
        await self._flights.stop()

    async def _login(self) -> Token:
        use_until = _loop_time() + self._kept_s - EARLY_S
        issued_at = int(self._clock.now().timestamp())
        try:
            async with asyncio.timeout(TOTAL_S + 1):
                found = await self._threads.run(lambda session: self._ask(session, issued_at, use_until))
        except TimeoutError:
            found = TryAgain(SYSTEM, OPERATION, "login_timeout")
        if isinstance(found, UpstreamError):
            log.warning("login failed", extra={"system": SYSTEM, "operation": OPERATION, "code": found.code})
            raise found
        self._token = found
        return found

    def _ask(self, session: SfSession, issued_at: int, use_until: float) -> Token | UpstreamError:
        """In a thread. The failure is given back: a raised one would drag the assertion along in its trace."""
        assertion = jwt.encode({**self._claims, "exp": issued_at + ASSERTION_S}, self._key, algorithm="RS256")
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        session.aim(self._login_origin, TOKEN_PATH, TOTAL_S, READ_S)
        try:
            response = session.post(self._login_origin + TOKEN_PATH, data=form, headers={"Accept": "application/json"})
        except requests.exceptions.RequestException as broken:
            failure = meaning(broken, OPERATION, "User", write=False)
            return failure if isinstance(failure, UpstreamError) else UpstreamUnavailable(SYSTEM, OPERATION)
        return _read(response, use_until)


def _read(response: requests.Response, use_until: float) -> Token | UpstreamError:
    reply = _json(response)
    if response.status_code != 200:
        return _refusal(response.status_code, reply)
    try:
        found = _Reply.model_validate(reply)
        origin = checked_origin(found.instance_url)
    except (ValidationError, ValueError):
        return changed(OPERATION, "token")
    who = _IDENTITY.search(found.id)
    return Token(found.access_token, origin, who[1] if who else "", use_until)


def _refusal(status: int, reply: Any) -> UpstreamError:
    error = reply.get("error") if isinstance(reply, dict) else None
    code = error if isinstance(error, str) and _ERROR.fullmatch(error) else ""
    if status >= 500 or status == 429 or code in _PASSING:
        return TryAgain(SYSTEM, OPERATION, f"login_http_{status}")
    if not code:
        return UpstreamUnavailable(SYSTEM, OPERATION, f"login_http_{status}")
    return CredentialRefused(SYSTEM, OPERATION, f"login_{code}")


def _json(response: requests.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None


def _rsa_key(given: str | bytes | RSAPrivateKey) -> RSAPrivateKey:
    if isinstance(given, RSAPrivateKey):
        return given
    try:
        key = load_pem_private_key(given.encode() if isinstance(given, str) else given, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise ConfigError(["the Salesforce key: must be an RSA private key in PEM form, without a password"])
    return key


def _origin(login_url: str) -> str:
    try:
        return checked_origin(login_url)
    except ValueError as bad:
        raise ConfigError([f"the Salesforce login address: {bad}"]) from None


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
