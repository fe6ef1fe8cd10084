"""Passwords: hashed off the event loop with a pepper and bcrypt; an unknown account takes the same time.

Stored form: `p1$<pepper id>$<bcrypt hash>` of base64(HMAC-SHA-256(pepper, NFC password)), so that bcrypt never sees
more than 44 bytes and never a NUL. An older system's bare `$2b$...` hash verifies and then asks for an upgrade.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

import bcrypt

from portal_app.errors import Busy, InvalidInput
from portal_app.security.common_passwords import is_common

T = TypeVar("T")

MINIMUM = 12
MINIMUM_WITH_SECOND_FACTOR = 8
MAXIMUM = 256  # code points
THREADS = 2
QUEUE = 20
SCHEME = "p1"
BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class PasswordHash(Protocol):
    """The slow function underneath; tests count its calls."""

    def hash(self, secret: bytes, rounds: int) -> str: ...

    def check(self, secret: bytes, hashed: str) -> bool: ...


class Bcrypt:
    """The real one. Releases the GIL while it works."""

    def hash(self, secret: bytes, rounds: int) -> str:
        """The hash with a fresh salt."""
        return bcrypt.hashpw(secret, bcrypt.gensalt(rounds)).decode("ascii")

    def check(self, secret: bytes, hashed: str) -> bool:
        """Whether it is that secret's hash; False for a hash that cannot be read."""
        try:
            return bcrypt.checkpw(secret, hashed.encode("ascii"))
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password was right, and whether its stored hash should be made anew."""

    ok: bool
    needs_upgrade: bool = False


class Passwords:
    """Two threads, at most twenty waiting; beyond that callers are told to come back."""

    def __init__(self, pepper: str, rounds: int, hasher: PasswordHash | None = None) -> None:
        self._pepper = pepper.encode()
        self._pepper_id = hashlib.sha256(b"pepper id|" + self._pepper).hexdigest()[:8]
        self._rounds = rounds
        self._hasher = hasher or Bcrypt()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="bcrypt")
        self._waiting = 0
        self._lock = threading.Lock()
        self._dummy = _dummy_hash(rounds)

    async def hash(self, password: str) -> str:
        """The form to store. Raises Busy when the queue is full."""
        digest = self._digest(password)
        made = await self._run(lambda: self._hasher.hash(digest, self._rounds))
        return f"{SCHEME}${self._pepper_id}${made}"

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Compare with a stored hash; None (no such account) does the same work against a dummy and says no.

        Raises Busy when the queue is full.
        """
        secret, hashed, known = self._prepared(password, stored)
        matched = await self._run(lambda: self._hasher.check(secret, hashed))
        ok = matched and known
        return Verdict(ok, needs_upgrade=ok and self._outdated(stored or ""))

    def check_new(self, password: str, email: str = "", *, minimum: int = MINIMUM) -> None:
        """Accept a password somebody wants to set. Raises InvalidInput("password", ...).

        Length counts code points after NFC; there are no composition rules. `minimum` is 8 where a second factor is on.
        """
        password = unicodedata.normalize("NFC", password)
        if len(password) < minimum:
            alone = minimum > MINIMUM_WITH_SECOND_FACTOR
            raise InvalidInput("password", "password.too_short" if alone else "password.too_short_for_two")
        if len(password) > MAXIMUM:
            raise InvalidInput("password", "password.too_long")
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in password):
            raise InvalidInput("password", "password.unusable_character")
        if not password.strip() or is_common(password):
            raise InvalidInput("password", "password.too_common")
        if email and _is_own_address(password, email):
            raise InvalidInput("password", "password.is_email")

    def close(self) -> None:
        """End the threads; what still waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prepared(self, password: str, stored: str | None) -> tuple[bytes, str, bool]:
        """What to hand to bcrypt, and whether a match would mean anything."""
        scheme, _, rest = (stored or "").partition("$")
        if scheme == SCHEME:
            pepper_id, _, hashed = rest.partition("$")
            if pepper_id == self._pepper_id:
                return self._digest(password), hashed, True
        elif stored and stored.startswith("$2"):
            # Bcrypt used to cut at 72 bytes without a word, so old hashes were made of the first 72.
            return _normal_bytes(password)[:72], stored, True
        return self._digest(password), self._dummy, False

    def _outdated(self, stored: str) -> bool:
        return not stored.startswith(SCHEME) or f"${self._rounds:02d}$" not in stored

    def _digest(self, password: str) -> bytes:
        return base64.b64encode(hmac.digest(self._pepper, _normal_bytes(password), hashlib.sha256))

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= THREADS + QUEUE:
            raise Busy("sign-in", retry_after=5)
        with self._lock:
            self._waiting += 1
        future = self._pool.submit(work)
        # Counted until the thread is done, not until the caller leaves: a browser that hangs up frees no thread.
        future.add_done_callback(self._finished)
        return await asyncio.wrap_future(future)

    def _finished(self, _: Future[T]) -> None:
        with self._lock:
            self._waiting -= 1


def _normal_bytes(password: str) -> bytes:
    # A lone surrogate cannot be typed; it still must not raise, and must not equal anything that can be typed.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _dummy_hash(rounds: int) -> str:
    salt = bcrypt.gensalt(rounds).decode("ascii")
    return salt + "".join(secrets.choice(BCRYPT_ALPHABET) for _ in range(31))


def _is_own_address(password: str, email: str) -> bool:
    password, email = password.casefold().strip(), email.casefold().strip()
    return password in (email, email.partition("@")[0])
