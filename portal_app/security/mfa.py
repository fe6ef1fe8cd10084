"""The second factor of those who want one: an authenticator's codes, and recovery codes for the day it is lost."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from portal_app.errors import Conflict, InvalidCode, InvalidInput
from portal_app.security import totp
from portal_app.security.factor_tries import FactorTries
from portal_app.security.passwords import MINIMUM, MINIMUM_WITH_SECOND_FACTOR
from portal_app.storage.clock import Clock
from portal_app.storage.second_factors import RecoveryCodes, Seed, TotpSeeds
from portal_app.storage.users import Users

Factor = Literal["totp", "recovery"]
AMR: Final[dict[Factor, str]] = {"totp": "otp", "recovery": "recovery"}
"""What a session says it was opened with."""
BEGUN: Final = timedelta(minutes=30)
"""How long a secret that was shown may still be confirmed."""
LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class MfaStanding:
    """Whether a second factor is on, since when (UTC), and how many recovery codes still work."""

    enabled: bool
    since: datetime | None = None
    codes_left: int = 0


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator needs, for the browser that asked and nowhere else. It counts after one good code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


class SecondFactors:
    """One authenticator and ten recovery codes for each user. `issuer`: what the authenticator calls the portal."""

    def __init__(
        self,
        *,
        seeds: TotpSeeds,
        codes: RecoveryCodes,
        tries: FactorTries,
        users: Users,
        clock: Clock,
        issuer: str,
    ) -> None:
        self._seeds, self._codes, self._tries, self._users = seeds, codes, tries, users
        self._clock, self._issuer = clock, issuer

    async def enabled(self, user_id: str) -> bool:
        """Whether a code is asked for when the user signs in."""
        return _counts(await self._seeds.find(user_id))

    async def standing(self, user_id: str) -> MfaStanding:
        """What the user's own page says about it."""
        seed = await self._seeds.find(user_id)
        if not _counts(seed) or seed is None:
            return MfaStanding(False)
        return MfaStanding(True, seed.confirmed_at, await self._codes.left(user_id))

    async def minimum_password(self, user_id: str) -> int:
        """How long a new password of the user must be."""
        return MINIMUM_WITH_SECOND_FACTOR if await self.enabled(user_id) else MINIMUM

    async def begin(self, user_id: str) -> Enrolment:
        """A new secret each time; the one shown before it is void. Raises: Conflict("mfa.already_on"), NotFound."""
        user, secret = await self._users.get(user_id), totp.new_secret()
        if not await self._seeds.begin(user_id, secret):
            raise Conflict("mfa.already_on")
        uri = totp.uri(secret, account=user.email, issuer=self._issuer)
        return Enrolment(secret, uri, totp.qr_svg(uri))

    async def confirm_in(self, tx: AsyncSession, user_id: str, code: str) -> tuple[str, ...]:
        """Switch it on by one good code of the secret that was shown; the recovery codes, told this once.

        In the caller's transaction, as all below; `count_try` comes before each of them.
        Raises: InvalidCode, Conflict("mfa.already_on" | "mfa.begin_again").
        """
        seed = await self._seeds.find(user_id, session=tx)
        if _counts(seed):
            raise Conflict("mfa.already_on")
        if seed is None or self._clock.now() - seed.made > BEGUN:
            raise Conflict("mfa.begin_again")
        step = totp.matching_step(seed.secret, _digits(code), self._clock.now())
        if step is None:
            raise InvalidCode("mfa.wrong")
        if not await self._seeds.confirm(tx, user_id, seed.made, step):
            raise Conflict("mfa.begin_again")
        return await self._codes.renew(tx, user_id)

    async def count_try(self, user_id: str) -> None:
        """Before a code is looked at, whatever it is for. Raises: TooManyTries."""
        await self._tries.hit(user_id)

    async def verify_in(self, tx: AsyncSession, user_id: str, code: str) -> Factor | None:
        """Which factor this is a code of, if any; it is spent by this, unless the transaction is undone."""
        seed = await self._seeds.find(user_id, session=tx)
        if seed is None or not _counts(seed):
            return None
        step = totp.matching_step(seed.secret, _digits(code), self._clock.now())
        if step is not None:
            return "totp" if await self._seeds.accept(tx, user_id, seed.made, step) else None
        letters = _letters(code)
        return "recovery" if letters and await self._codes.use(tx, user_id, letters) else None

    async def succeeded(self, user_id: str) -> None:
        """A code was right: the next may be asked for at once."""
        await self._tries.succeeded(user_id)

    async def remove_in(self, tx: AsyncSession, user_id: str, code: str) -> None:
        """Switch it off with a code of it; the recovery codes end too (P9).

        Raises: InvalidCode, Conflict("mfa.not_on" | "mfa.password_short").
        """
        seed = await self._seeds.find(user_id, session=tx)
        if seed is None or not _counts(seed):
            raise Conflict("mfa.not_on")
        if seed.password_short:  # it was long enough for two factors and is not for one
            raise Conflict("mfa.password_short")
        await self._must_be_right(tx, user_id, code)
        await self.forget_in(tx, user_id)

    async def new_codes_in(self, tx: AsyncSession, user_id: str, code: str) -> tuple[str, ...]:
        """Ten new recovery codes for a code; the old ones end. Raises: InvalidCode, Conflict("mfa.not_on")."""
        if not _counts(await self._seeds.find(user_id, session=tx)):
            raise Conflict("mfa.not_on")
        await self._must_be_right(tx, user_id, code)
        return await self._codes.renew(tx, user_id)

    async def forget_in(self, tx: AsyncSession, user_id: str) -> bool:
        """Without a code: for staff, who have asked the customer. Whether there was anything to forget."""
        await self._codes.clear(tx, user_id)
        return await self._seeds.remove(tx, user_id)

    async def note_password(self, tx: AsyncSession, user_id: str, password: str) -> None:
        """A new password was set in this transaction: whether it would do without a second factor.

        Raises: InvalidInput when it would not and there is none by now; let it undo the transaction.
        """
        short = len(unicodedata.normalize("NFC", password)) < MINIMUM
        if not await self._seeds.note_password(tx, user_id, short=short) and short:
            raise InvalidInput("password", "password.too_short")

    async def _must_be_right(self, tx: AsyncSession, user_id: str, code: str) -> None:
        if await self.verify_in(tx, user_id, code) is None:
            raise InvalidCode("mfa.wrong")


def _counts(seed: Seed | None) -> bool:
    return seed is not None and seed.confirmed_at is not None


def _digits(code: str) -> str:
    """As apps show it, in two groups."""
    return "".join(code[:LONGEST].split())


def _letters(code: str) -> str:
    """A recovery code as it is kept: without spaces and dashes, in capitals. "" for what cannot be one."""
    plain = "".join(code[:LONGEST].split()).replace("-", "").upper()
    return plain if plain.isascii() and plain.isalnum() else ""
