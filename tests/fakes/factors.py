"""People with a second factor: their authenticator, and what they do with it."""

from dataclasses import dataclass
from typing import Any

import pyotp

from tests.fakes.becoming_world import EMAIL, FIREFOX, IP, PASSWORD


@dataclass(frozen=True)
class Enrolled:
    """A user and what only their own things know."""

    user_id: str
    secret: str
    codes: tuple[str, ...]


def code_at(world: Any, secret: str, steps: int = 0) -> str:
    """What an authenticator with that secret shows, or showed so many steps ago."""
    return pyotp.TOTP(secret).at(int(world.clock.now().timestamp()) + 30 * steps)


def code_of(world: Any, owner: Enrolled) -> str:
    """What the owner's authenticator shows at this moment."""
    return code_at(world, owner.secret)


async def password(world: Any, email: str = EMAIL, *, known: str = PASSWORD, ip: str = IP) -> Any:
    """Send the sign-in form."""
    return await world.signing_in.sign_in(email, known, device=None, ip=ip, user_agent=FIREFOX)


async def confirm(world: Any, reference: str, code: str, *, ip: str = IP, locale: str = "") -> Any:
    """Send the form with the code."""
    step = world.factor_parts["second_factor"]
    return await step.finish(reference, code, device=None, ip=ip, locale=locale)


async def signed_in(world: Any, email: str = EMAIL) -> Any:
    """Somebody without a second factor."""
    return await password(world, email)


async def switch_on(world: Any, session: Any) -> Enrolled:
    """From the button to the recovery codes. The code that was used for it is spent."""
    settings = world.factor_parts["factor_settings"]
    begun = await settings.begin(session)
    codes = await settings.switch_on(session, code_at(world, begun.secret))
    return Enrolled(session.user_id, begun.secret, codes)


async def an_enrolled_user(world: Any, email: str = EMAIL) -> Enrolled:
    """A user with a second factor, one step later: the next code is a fresh one."""
    await world.users.create(email, await world.passwords.hash(PASSWORD))
    owner = await switch_on(world, (await signed_in(world, email)).tokens.session)
    world.clock.advance(30)
    return owner
