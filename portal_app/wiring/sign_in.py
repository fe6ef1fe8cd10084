"""Who may come in."""

import asyncio
from contextlib import AsyncExitStack

from portal_app.security.devices import DeviceCookies
from portal_app.security.factor_tries import FactorTries
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.mfa import SecondFactors
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions
from portal_app.security.tokens import AccessTokens, RefreshTokens
from portal_app.settings import Settings
from portal_app.storage.second_factors import RecoveryCodes, TotpSeeds
from portal_app.storage.sign_in_challenges import SignInChallenges
from portal_app.wiring.parts import Parts
from portal_app.workflows.confirming import Confirming
from portal_app.workflows.factor_settings import FactorSettings
from portal_app.workflows.password_change import PasswordChange
from portal_app.workflows.password_check import PasswordCheck
from portal_app.workflows.second_factor import SecondFactorStep
from portal_app.workflows.signing_in import SigningIn
from portal_app.workflows.slowing import Pause


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
    made: Parts = {
        "devices": DeviceCookies(chosen.JWT_SECRET, clock),
        "sessions": sessions,
        "passwords": passwords,
        "limits": limits,
        "lockout": Lockout(db, index, clock, audit, chosen.RATE_LIMIT_SCALE),
        "second_factors": second_factors(parts, chosen.PORTAL_NAME, chosen.RATE_LIMIT_SCALE),
        "sign_in_challenges": SignInChallenges(db, clock),
    }
    return made | workflows(parts | made)


def second_factors(parts: Parts, issuer: str, scale: float = 1.0) -> SecondFactors:
    """Authenticators and recovery codes over their stores."""
    db, clock, index = parts["database"], parts["clock"], parts["index"]
    return SecondFactors(
        seeds=TotpSeeds(db, parts["cipher"], clock),
        codes=RecoveryCodes(db, index, clock),
        tries=FactorTries(db, index, clock, scale),
        users=parts["users"],
        clock=clock,
        issuer=issuer,
    )


def workflows(parts: Parts, pause: Pause = asyncio.sleep) -> Parts:
    """All that asks for a password or a code. `pause` is for tests."""
    check = PasswordCheck(**_named(parts, "users passwords lockout limits devices index audit"), pause=pause)
    common = _named(parts, "sessions users audit") | {
        "check": check,
        "factors": parts["second_factors"],
        "db": parts["database"],
    }
    challenges, told = parts["sign_in_challenges"], _named(parts, "outbox bus")
    settings = {name: common[name] for name in ("sessions", "users", "audit", "factors", "db")}
    return {
        "signing_in": SigningIn(challenges=challenges, **common),
        "second_factor": SecondFactorStep(challenges=challenges, limits=parts["limits"], **told, **common, pause=pause),
        "confirming": Confirming(limits=parts["limits"], **told, **common, pause=pause),
        "factor_settings": FactorSettings(**told, **settings),
        "password_change": PasswordChange(passwords=parts["passwords"], **told, **common),
    }


def _named(parts: Parts, names: str) -> Parts:
    return {name: parts[name] for name in names.split()}
