"""What the hook file in includes/hooks/ does: sign each event and post it, spool and retry when nobody answers.

The hook file is our own recommendation, not a WHMCS feature; hook and parameter names are WHMCS's.
Source: WHMCS hook reference.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Any

import aiohttp

from sandbox.clock import Clock
from sandbox.store import Store

VERSION = "8.13.1-release.1"
TIMEOUT = aiohttp.ClientTimeout(total=3, connect=1)
FIRST_RETRY_S, SLOWEST_RETRY_S, GIVE_UP_S = 2.0, 60.0, 72 * 3600.0
CRON_EVERY_S = 0.5
REFUSED_FOR_GOOD = (400, 413, 415, 422)  # about the body itself; anything else may be put right while it waits
MOST_JITTER_MS, KEPT = 30, 200
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The value of X-Whmcs-Signature: HMAC-SHA256 over `v1.<timestamp>.<raw body>`."""
    payload = b"v1." + str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), payload, hashlib.sha256).hexdigest()


def new_event_id(unix: float) -> str:
    """A ULID: sortable by time, unique per firing, kept across redeliveries."""
    number = (int(unix * 1000) << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


@dataclass(frozen=True, slots=True)
class Delivery:
    """How to bend one delivery; the defaults are an honest one."""

    stale: bool = False
    bad_signature: bool = False


class HookSender:
    """Fires and forgets. Every event is in the spool until somebody answered 2xx or refused it for good."""

    def __init__(self, store: Store, clock: Clock, url: str, secret: str) -> None:
        self._store, self._clock = store, clock
        self.url, self.secret = url, secret
        self.log: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._posted: OrderedDict[str, tuple[bytes, dict[str, str]]] = OrderedDict()
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._in_flight: set[str] = set()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=TIMEOUT, trust_env=False)
        self._spawn(self._cron())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def fire(self, event: str, **params: Any) -> str | None:
        """Announce one event in the background, in no promised order. None when no receiver is configured."""
        if not self.url:
            return None
        event_id = self._spool(event, params)
        self._spawn(self._deliver_soon(event_id))
        return event_id

    async def fire_and_wait(self, event: str, **params: Any) -> None:
        """For hooks that run before a change: PHP posts them inside the request, so the change waits for the answer."""
        if self.url:
            await self._deliver(self._spool(event, params))

    async def fire_by_hand(
        self, event: str, params: dict[str, Any], *, duplicate: bool, bent: Delivery, delay_s: float = 0
    ) -> dict[str, Any]:
        """One event, now or late, waiting for the answers. A bent one is never retried, a failed honest one is."""
        if not self.url:
            return {"event_id": None, "deliveries": [], "note": "no webhook URL is set"}
        event_id = self._spool(event, params, delay_s)
        await asyncio.sleep(delay_s)
        results = [await self._deliver(event_id, bent, keep=duplicate)]
        if duplicate:
            results.append(await self._deliver(event_id, bent))
        if bent != Delivery():
            self._store.execute("DELETE FROM hook_spool WHERE event_id = ?", event_id)
        return {"event_id": event_id, "deliveries": results}

    async def replay(self, event_id: str) -> dict[str, Any] | None:
        """The last delivery of an event once more, byte for byte, its time and signature too. None: too long ago."""
        if event_id not in self._posted:
            return None
        status, error = await self._send(*self._posted[event_id])
        return {"event_id": event_id, "deliveries": [{"status": status, "error": error}]}

    def waiting(self) -> list[dict[str, Any]]:
        columns = "event_id, event, attempts, next_at, last_result"
        return self._store.rows(f"SELECT {columns} FROM hook_spool ORDER BY created_at")

    async def flush(self) -> None:
        """Deliver what is due. WHMCS would do this from AfterCronJob."""
        now = self._clock.unix()
        self._store.execute("DELETE FROM hook_spool WHERE created_at < ?", now - GIVE_UP_S)
        due = self._store.rows("SELECT event_id FROM hook_spool WHERE next_at <= ? ORDER BY created_at LIMIT 50", now)
        await asyncio.gather(*(self._deliver(row["event_id"]) for row in due))

    def _spool(self, event: str, params: dict[str, Any], delay_s: float = 0) -> str:
        now = self._clock.unix()
        event_id = new_event_id(now)
        body = {"event": event, "event_id": event_id, "occurred_at": int(now), "source": "sandbox"}
        raw = json.dumps(body | {"whmcs_version": VERSION, "params": params}, separators=(",", ":")).encode()
        self._store.insert(
            "hook_spool",
            event_id=event_id,
            event=event,
            body=raw,
            created_at=now,
            next_at=now + delay_s + FIRST_RETRY_S,
        )
        return event_id

    async def _deliver_soon(self, event_id: str) -> None:
        """Two events of one moment overtake each other half of the time."""
        await asyncio.sleep(secrets.randbelow(MOST_JITTER_MS) / 1000)
        await self._deliver(event_id)

    async def _deliver(self, event_id: str, bent: Delivery = Delivery(), *, keep: bool = False) -> dict[str, Any]:
        row = self._store.row("SELECT * FROM hook_spool WHERE event_id = ?", event_id)
        if row is None or event_id in self._in_flight:
            return {"status": None, "error": "nothing to send"}
        self._in_flight.add(event_id)
        try:
            status, error = await self._post(row["event"], event_id, bytes(row["body"]), bent)
        finally:
            self._in_flight.discard(event_id)
        self.log.append({"at": self._clock.instant(), "event": row["event"], "event_id": event_id, "status": status})
        if status is not None and (status < 300 or status in REFUSED_FOR_GOOD):
            if not keep:
                self._store.execute("DELETE FROM hook_spool WHERE event_id = ?", event_id)
        else:
            self._retry_later(row, error or str(status))
        return {"status": status, "error": error}

    async def _post(self, event: str, event_id: str, body: bytes, bent: Delivery) -> tuple[int | None, str]:
        timestamp = int(self._clock.unix()) - (3600 if bent.stale else 0)
        signature = sign("not-the-secret" if bent.bad_signature else self.secret, timestamp, body)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Whmcs-Event": event,
            "X-Whmcs-Event-Id": event_id,
            "X-Whmcs-Timestamp": str(timestamp),
            "X-Whmcs-Signature": signature,
        }
        self._posted[event_id] = body, headers
        while len(self._posted) > KEPT:
            self._posted.popitem(last=False)
        return await self._send(body, headers)

    async def _send(self, body: bytes, headers: dict[str, str]) -> tuple[int | None, str]:
        assert self._session is not None, "start() comes first"
        try:
            async with self._session.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status, ""
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return None, type(error).__name__

    def _retry_later(self, row: dict[str, Any], reason: str) -> None:
        wait = min(FIRST_RETRY_S * 2 ** row["attempts"], SLOWEST_RETRY_S)
        sql = "UPDATE hook_spool SET attempts = attempts + 1, next_at = ?, last_result = ? WHERE event_id = ?"
        self._store.execute(sql, self._clock.unix() + wait, reason, row["event_id"])

    async def _cron(self) -> None:
        while True:
            await asyncio.sleep(CRON_EVERY_S)
            if self.url:
                await self.flush()

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
