"""Who may come in."""

from contextlib import AsyncExitStack

from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions
from portal_app.security.tokens import AccessTokens, RefreshTokens
from portal_app.settings import Settings
from portal_app.wiring.parts import Parts
from portal_app.workflows.signing_in import SigningIn


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Sessions, passwords, limits, and signing in with them."""
    clock, db, audit, index = parts["clock"], parts["database"], parts["audit"], parts["index"]
    sessions = Sessions(
        db=db,
        users=parts["users"],
        access=AccessTokens(chosen.JWT_SECRET, chosen.PORTAL_BASE_URL, chosen.PORTAL_BASE_URL, clock),
        refresh=RefreshTokens(chosen.JWT_REFRESH_SECRET),
        bus=parts["bus"],
        clock=clock,
        outbox=parts["outbox"],
        audit=audit,
    )
    stack.callback(sessions.close)
    passwords = Passwords(chosen.PORTAL_PEPPER, chosen.BCRYPT_ROUNDS)
    stack.callback(passwords.close)
    limits = Limits(chosen.REDIS_URL or None, chosen.RATE_LIMIT_SCALE, clock)
    stack.push_async_callback(limits.close)
    lockout = Lockout(db, index, clock, audit, chosen.RATE_LIMIT_SCALE)
    devices = DeviceCookies(chosen.JWT_SECRET, clock)
    signing_in = SigningIn(parts["users"], passwords, sessions, lockout, limits, devices, index, audit)
    return {
        "devices": devices,
        "sessions": sessions,
        "passwords": passwords,
        "limits": limits,
        "lockout": lockout,
        "signing_in": signing_in,
    }
