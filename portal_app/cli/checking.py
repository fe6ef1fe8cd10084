"""Does everything answer that the portal needs, with the credentials it was given."""

from collections.abc import Awaitable, Callable
from typing import Any

from portal_app import wiring
from portal_app.cli.parsing import Parsers
from portal_app.errors import ConfigError, PortalError
from portal_app.settings import Settings
from portal_app.storage.redis_link import RedisLink

Ask = Callable[[], Awaitable[Any]]


def add(parsers: Parsers) -> None:
    parsers.command("check", "Ask everything the portal needs whether it answers, one line each.", _check)


async def _check(chosen: Settings, _: Any) -> int:
    async with wiring.opened(chosen):
        return max([await _answers(name, ask) for name, ask in _asked(chosen).items()])


def _asked(chosen: Settings) -> dict[str, Ask | None]:
    """None: not set up, so there is nothing to ask. Nothing here changes anything anywhere."""
    redis, sims = wiring.redis_link(), wiring.sims()
    return {
        "database": wiring.database().ping,
        "schema": _newest_schema,
        "redis": None if redis is None else lambda: _pinged(redis),
        "whmcs": lambda: wiring.billing().operator_list_invoices("Unpaid", start=0, limit=1, of=()),
        "salesforce": wiring.salesforce_client().sign_in,
        "fields": _fields_as_mapped,
        "events": wiring.event_listening().check if chosen.SF_EVENTS_ENABLED else None,
        "freebit": None if sims is None else sims.list_sims,
        "mail": wiring.mail_sender().check,
    }


async def _pinged(redis: RedisLink) -> None:
    await redis.run(lambda server: server.get("portal:check"))


async def _fields_as_mapped() -> None:
    """Raises: ConfigError with a sentence for every field this organisation lacks or hides."""
    if problems := await wiring.salesforce_fields().check(wiring.salesforce_client().describe):
        raise ConfigError(problems)


async def _newest_schema() -> None:
    if not await wiring.database().migrated():
        raise ConfigError(["run `migrate`"])


async def _answers(name: str, ask: Ask | None) -> int:
    if ask is None:
        print(f"{name:<10} -    not set up")
        return 0
    try:
        await ask()
    except Exception as failure:
        reasons = failure.problems if isinstance(failure, ConfigError) else [str(failure)]
        if not isinstance(failure, PortalError):
            reasons = [type(failure).__name__]
        print(f"{name:<10} no   {reasons[0]}", *reasons[1:], sep="\n" + " " * 16)
        return 1
    print(f"{name:<10} yes")
    return 0
