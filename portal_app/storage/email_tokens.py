"""Links and codes that prove somebody reads an address. Only hashes are kept; each works once (P6)."""

import hashlib
import hmac
import json
import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.pruning import delete_in_batches
from portal_app.storage.tables.email_tokens import EmailTokenRow

TOKEN_BYTES: Final = 32
MOST_TRIES: Final = 5
KEEP: Final = timedelta(days=30)
LINK_CODE: Final = "link_code"
TURN: Final = 7_236_102
_ROW: Any = EmailTokenRow
_UNSPENT: Final = (_ROW.used_at.is_(None), _ROW.voided_at.is_(None))


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token as it was when read, spent and expired ones too. `tries` counts wrong ones; the payload ends with use."""

    token_id: str
    purpose: str
    subject: str
    version: str
    payload: dict[str, Any] = field(repr=False)
    expires_at: datetime
    used_at: datetime | None
    voided: bool
    tries: int
    code_hash: str = field(repr=False)


class EmailTokens:
    """Purposes are verify (subject: sign-up), reset (subject: user) and link_code (subject: WHMCS client)."""

    def __init__(self, db: Database, cipher: FieldCipher, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._cipher, self._index, self._clock = db, cipher, index, clock

    async def mint(
        self,
        session: AsyncSession,
        purpose: str,
        subject: str,
        *,
        ttl: timedelta,
        version: str = "",
        payload: dict[str, Any] | None = None,
    ) -> str:
        """A new token, 256 bit as url-safe text, in the caller's transaction. Earlier ones of that subject end with it.

        `version` is given back by `find`, for whoever binds the token to the state of its subject.
        """
        return await self._new(session, purpose, subject, ttl, payload, token_id=str(uuid.uuid4()), version=version)

    async def mint_code(
        self, session: AsyncSession, subject: str, *, ttl: timedelta, payload: dict[str, Any]
    ) -> tuple[str, str]:
        """Six digits to be mailed, and the 256 bit reference for the browser that asked; one is worthless alone."""
        code, token_id = f"{secrets.randbelow(10**6):06}", str(uuid.uuid4())
        code_hash = self._code_hash(token_id, code)
        reference = await self._new(session, LINK_CODE, subject, ttl, payload, token_id=token_id, code_hash=code_hash)
        return code, reference

    async def find(self, purpose: str, token: str) -> TokenRecord | None:
        """The token in whatever state it is; None when there never was one, or it ended a month ago.

        Raises: DecryptionFailed.
        """
        mine = (_ROW.token_hash == _hashed(token), _ROW.purpose == purpose)
        async with self._db.read() as session:
            row = await session.scalar(select(EmailTokenRow).where(*mine))
        return None if row is None else self._record(row)

    async def find_code(self, reference: str) -> TokenRecord | None:
        """The pending code of a browser's reference. Raises: DecryptionFailed."""
        return await self.find(LINK_CODE, reference)

    def code_matches(self, record: TokenRecord, code: str) -> bool:
        """Whether these are the mailed digits; says nothing about whether they still count."""
        return hmac.compare_digest(record.code_hash, self._code_hash(record.token_id, code))

    async def use(self, session: AsyncSession, record: TokenRecord) -> bool:
        """Spend it in the caller's transaction. False when it is spent, void or expired by now."""
        now = self._clock.now()
        mine = (_ROW.token_id == record.token_id, _ROW.expires_at > now, *_UNSPENT)
        done = await session.execute(
            update(EmailTokenRow).where(*mine).values(used_at=now, payload_sealed="").returning(_ROW.token_id)
        )
        return done.one_or_none() is not None

    async def failed(self, record: TokenRecord) -> int:
        """Count a wrong password or code; how many tries are left. At none the token is void."""
        mine = (_ROW.token_id == record.token_id, *_UNSPENT)
        async with self._db.write() as session:
            counted = await session.execute(
                update(EmailTokenRow).where(*mine).values(tries=_ROW.tries + 1).returning(_ROW.tries)
            )
            tries = counted.scalar_one_or_none()
            if tries is not None and tries >= MOST_TRIES:
                await self._void(session, *mine)
        return 0 if tries is None else max(MOST_TRIES - tries, 0)

    async def count_since(
        self, purpose: str, subject: str, since: datetime, *, session: AsyncSession | None = None
    ) -> int:
        """How many were made for that subject from then on, in whatever state they are.

        With `session` those made in that transaction count too.
        """
        mine = (_ROW.purpose == purpose, _ROW.subject == subject, _ROW.created_at >= since)
        counted = select(func.count()).select_from(EmailTokenRow).where(*mine)
        if session is not None:
            return await session.scalar(counted) or 0
        async with self._db.read() as own:
            return await own.scalar(counted) or 0

    async def prune(self) -> int:
        """Forget tokens that expired a month ago, in short transactions; how many."""
        return await delete_in_batches(
            self._db, EmailTokenRow, _ROW.token_id, _ROW.expires_at <= self._clock.now() - KEEP
        )

    async def _new(
        self,
        session: AsyncSession,
        purpose: str,
        subject: str,
        ttl: timedelta,
        payload: dict[str, Any] | None,
        *,
        token_id: str,
        version: str = "",
        code_hash: str = "",
    ) -> str:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock.now()
        await self._take_turns(session, purpose, subject)
        await self._void(session, _ROW.purpose == purpose, _ROW.subject == subject, *_UNSPENT)
        session.add(
            EmailTokenRow(
                token_id=token_id,
                purpose=purpose,
                subject=subject,
                token_hash=_hashed(token),
                code_hash=code_hash,
                version=version,
                payload_sealed=self._sealed(token_id, payload),
                created_at=now,
                expires_at=now + ttl,
            )
        )
        await session.flush()
        return token

    async def _take_turns(self, session: AsyncSession, purpose: str, subject: str) -> None:
        # Two at once would each void what was there, and the later of them fail on the earlier one's new token.
        if self._db.dialect == "postgresql":
            digest = hashlib.sha256(f"{purpose}|{subject}".encode()).digest()
            which = int.from_bytes(digest[:4], signed=True)
            await session.execute(text("SELECT pg_advisory_xact_lock(:turn, :which)"), {"turn": TURN, "which": which})

    async def _void(self, session: AsyncSession, *which: Any) -> None:
        void = {"voided_at": self._clock.now(), "payload_sealed": ""}
        await session.execute(update(EmailTokenRow).where(*which).values(**void))

    def _sealed(self, token_id: str, payload: dict[str, Any] | None) -> str:
        if not payload:
            return ""
        return self._cipher.seal("email_tokens", "payload", token_id, json.dumps(payload))

    def _code_hash(self, token_id: str, code: str) -> str:
        # A million codes are tried in no time: only a keyed hash is of no use to whoever holds a dump.
        return self._index.of(f"{LINK_CODE}|{token_id}|{code}")

    def _record(self, row: EmailTokenRow) -> TokenRecord:
        payload = {}
        if row.payload_sealed:
            payload = json.loads(self._cipher.open("email_tokens", "payload", row.token_id, row.payload_sealed))
        return TokenRecord(
            token_id=row.token_id,
            purpose=row.purpose,
            subject=row.subject,
            version=row.version,
            payload=payload,
            expires_at=row.expires_at,
            used_at=row.used_at,
            voided=row.voided_at is not None,
            tries=row.tries,
            code_hash=row.code_hash,
        )


def _hashed(token: str) -> str:
    # 256 random bits cannot be guessed from a plain hash.
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
