"""A password hash that is quick and counts its work."""

import threading

from portal_app.security.passwords import PasswordHash


class CountingHasher(PasswordHash):
    """Remembers each call as ("hash" | "check", bytes of the secret). A `gate` holds every check until set."""

    def __init__(self, gate: threading.Event | None = None) -> None:
        self.calls: list[tuple[str, int]] = []
        self.started = threading.Semaphore(0)
        self._gate = gate

    def hash(self, secret: bytes, rounds: int) -> str:
        self.calls.append(("hash", len(secret)))
        return f"$2b${rounds:02d}$" + secret.hex()

    def check(self, secret: bytes, hashed: str) -> bool:
        self.calls.append(("check", len(secret)))
        self.started.release()
        if self._gate:
            self._gate.wait(10)
        return hashed.endswith(secret.hex())
