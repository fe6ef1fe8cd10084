"""Portal users and the records of the outside systems that are theirs."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.domain.customer import Customer
from portal_app.errors import Conflict, NotFound
from portal_app.storage.clock import Clock
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.storage.engine import Database
from portal_app.storage.mapping_rows import customers, set_mapping
from portal_app.storage.tables.id_mappings import IdMapping
from portal_app.storage.tables.sessions import SessionRow
from portal_app.storage.tables.users import UserRow

Locale = Literal["en", "ja"]


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A portal user. `email` is the one spelling it is stored in."""

    user_id: str
    email: str
    password_hash: str
    locale: Locale
    disabled: bool
    created_at: datetime


class Users:
    """The address is sealed in the row and found by a keyed hash of its normalised form (C1, C3)."""

    def __init__(self, db: Database, cipher: FieldCipher, index: KeyedIndex, clock: Clock) -> None:
        self._db, self._cipher, self._index, self._clock = db, cipher, index, clock

    async def find_by_email(self, email: str) -> UserRecord | None:
        """The user of that address, in any spelling that differs by case or outer spaces."""
        return await self._find(UserRow.email_index == self._index.of(normalised(email)))

    async def get(self, user_id: str) -> UserRecord:
        """Raises NotFound."""
        found = await self._find(UserRow.user_id == user_id)
        if found is None:
            raise NotFound("user", user_id)
        return found

    async def create(self, email: str, password_hash: str, locale: Locale = "en") -> str:
        """The new user's id. Raises Conflict when the address is taken."""
        user_id = str(uuid.uuid4())
        async with self._db.write() as session:
            await self._add(session, user_id, email, password_hash, locale)
        return user_id

    async def create_linked(
        self,
        session: AsyncSession,
        *,
        user_id: str,
        email: str,
        password_hash: str,
        locale: Locale | str,
        whmcs_client_id: int,
        sf_account_id: str,
        sf_contact_id: str = "",
    ) -> None:
        """A user together with their mapping, in the caller's transaction. Without a hash they have no password yet.

        Raises: Conflict("users.email_taken" | "users.client_taken" | "users.account_taken"); let it undo the
        transaction, in which the user may be there without a mapping.
        """
        await self._add(session, user_id, email, password_hash, locale)
        await set_mapping(session, self._db.dialect, _mapping(user_id, whmcs_client_id, sf_account_id, sf_contact_id))

    def sign_in_version(self, user: UserRecord) -> str:
        """Differs as soon as the password or the address does, and says nothing about them (P6).

        Whatever waits for a link or a code is bound to it: what lies in an old mailbox is worth nothing.
        """
        return self._index.of(f"sign_in_version|{user.user_id}|{user.email}|{user.password_hash}")[:32]

    async def set_password_hash(self, user_id: str, password_hash: str) -> None:
        """Raises NotFound."""
        await self._set(user_id, password_hash=password_hash)

    async def replace_password_hash(self, session: AsyncSession, user_id: str, *, old: str, new: str) -> bool:
        """Join the caller's transaction. False when the password is no longer that one, or there is no such user."""
        mine = (UserRow.user_id == user_id, UserRow.password_hash == old)
        done = await session.execute(update(UserRow).where(*mine).values(password_hash=new))  # type: ignore[arg-type]
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def replace_email(self, session: AsyncSession, user_id: str, *, old: str, new: str) -> bool:
        """Join the caller's transaction. False when the address is no longer that one.

        Raises: Conflict("users.email_taken") when it is somebody else's; let it undo the transaction.
        """
        old, new = normalised(old), normalised(new)
        sealed = {
            "email_sealed": self._cipher.seal("users", "email", user_id, new),
            "email_index": self._index.of(new),
        }
        mine = (UserRow.user_id == user_id, UserRow.email_index == self._index.of(old))
        try:
            async with session.begin_nested():
                done = await session.execute(update(UserRow).where(*mine).values(**sealed))  # type: ignore[arg-type]
        except IntegrityError:
            raise Conflict("users.email_taken") from None
        return done.rowcount == 1  # type: ignore[attr-defined]

    async def hold(self, session: AsyncSession, user_id: str) -> None:
        """Until the caller's transaction ends, nobody else changes this user or signs in as them."""
        held = select(UserRow.user_id).where(UserRow.user_id == user_id).with_for_update()  # type: ignore[call-overload]
        await session.execute(held)

    async def set_locale(self, user_id: str, locale: Locale | str) -> None:
        """The language of mails and of the next visit. Raises NotFound."""
        await self._set(user_id, locale=locale)

    async def set_disabled(self, user_id: str, disabled: bool) -> None:
        """A disabled user cannot sign in; ending live sessions is the caller's. Raises NotFound."""
        await self._set(user_id, disabled=disabled)

    async def is_disabled_in(self, session: AsyncSession, user_id: str) -> bool:
        """In the caller's transaction: whether they may not sign in."""
        disabled: bool | None = await session.scalar(select(UserRow.disabled).where(UserRow.user_id == user_id))  # type: ignore[call-overload]
        return bool(disabled)

    async def link(
        self, user_id: str, whmcs_client_id: int, salesforce_account_id: str = "", salesforce_contact_id: str = ""
    ) -> None:
        """Map a user to their records, replacing an earlier mapping.

        Raises: Conflict when client or account are somebody else's, NotFound for an unknown user.
        """
        values = _mapping(user_id, whmcs_client_id, salesforce_account_id, salesforce_contact_id)
        await self.get(user_id)
        async with self._db.write() as session:
            await set_mapping(session, self._db.dialect, values)

    async def find_customer(self, user_id: str) -> Customer | None:
        """The customer a user is, None while not linked."""
        return next(iter(await self._customers(IdMapping.user_id == user_id)), None)

    async def find_customer_of_client(self, whmcs_client_id: int) -> Customer | None:
        """The customer a WHMCS client is, None when nobody linked it."""
        return next(iter(await self._customers(IdMapping.whmcs_client_id == whmcs_client_id)), None)

    async def find_customer_of_account(self, salesforce_account_id: str) -> Customer | None:
        """The customer a Salesforce account is, None when nobody linked it, and for ""."""
        # Said twice so that the index over known accounts serves it.
        known = (IdMapping.sf_account_id == salesforce_account_id, IdMapping.sf_account_id != "")
        return next(iter(await self._customers(*known)), None)

    async def find_contact(self, user_id: str) -> str:
        """The id of the Salesforce contact a user is, "" where none was noted."""
        async with self._db.read() as session:
            return await session.scalar(select(IdMapping.sf_contact_id).where(IdMapping.user_id == user_id)) or ""  # type: ignore[call-overload]

    async def all_customers(self, after: str, limit: int) -> list[Customer]:
        """Linked customers in order of user id, from behind `after` on; "" for the first of them."""
        async with self._db.read() as session:
            behind = IdMapping.user_id > after
            return await customers(session, behind, by=IdMapping.user_id, limit=limit)

    async def customers_seen_since(self, at: datetime) -> list[Customer]:
        """Every linked customer with a session used since then, by client id."""
        seen = select(SessionRow.user_id).where(SessionRow.last_seen_at >= at)  # type: ignore[call-overload]
        return await self._customers(IdMapping.user_id.in_(seen))  # type: ignore[attr-defined]

    async def _find(self, condition: Any) -> UserRecord | None:
        async with self._db.read() as session:
            row = await session.scalar(select(UserRow).where(condition))
        return None if row is None else self._record(row)

    def _record(self, row: UserRow) -> UserRecord:
        email = self._cipher.open("users", "email", row.user_id, row.email_sealed)
        locale: Locale = "ja" if row.locale == "ja" else "en"
        return UserRecord(row.user_id, email, row.password_hash, locale, row.disabled, row.created_at)

    async def _add(
        self, session: AsyncSession, user_id: str, email: str, password_hash: str, locale: Locale | str
    ) -> None:
        email = normalised(email)
        row = UserRow(
            user_id=user_id,
            email_sealed=self._cipher.seal("users", "email", user_id, email),
            email_index=self._index.of(email),
            password_hash=password_hash,
            locale=locale,
            created_at=self._clock.now(),
        )
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError:
            raise Conflict("users.email_taken") from None

    async def _set(self, user_id: str, **values: Any) -> None:
        async with self._db.write() as session:
            done = await session.execute(
                update(UserRow).where(UserRow.user_id == user_id).values(**values)  # type: ignore[arg-type]
            )
        if done.rowcount == 0:  # type: ignore[attr-defined]
            raise NotFound("user", user_id)

    async def _customers(self, *conditions: Any) -> list[Customer]:
        async with self._db.read() as session:
            return await customers(session, *conditions)


def _mapping(user_id: str, whmcs_client_id: int, sf_account_id: str, sf_contact_id: str) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "whmcs_client_id": whmcs_client_id,
        "sf_account_id": sf_account_id,
        "sf_contact_id": sf_contact_id,
    }


def normalised(email: str) -> str:
    """The one spelling that is stored and looked up. Look-alike letters stay different."""
    return email.strip().casefold()
