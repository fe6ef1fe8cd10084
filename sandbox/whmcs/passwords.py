"""Passwords of made-up people: hashed cheaply, so that three hundred of them seed in no time."""

from __future__ import annotations

import hashlib
import hmac


def hashed(password: str) -> str:
    return hashlib.sha256(f"sandbox:{password}".encode()).hexdigest()


def matches(password: str, stored: str) -> bool:
    return hmac.compare_digest(hashed(password), stored)
