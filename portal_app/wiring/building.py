"""All rooms in order: each gets what the ones before it have made."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from portal_app.priming.handover import Handover
from portal_app.settings import Settings
from portal_app.web.live_tabs import LiveTabs
from portal_app.wiring import (
    becoming,
    events,
    freebit,
    fulfilling,
    identity,
    mail,
    notices,
    ordering,
    salesforce,
    sign_in,
    stores,
    supporting,
    whmcs,
)
from portal_app.wiring.parts import Parts, use

ROOMS = (
    sign_in.build,
    whmcs.build,
    salesforce.build,
    freebit.build,
    mail.build,
    notices.build,
    ordering.build,
    supporting.build,
    fulfilling.build,
    events.build,
    becoming.build,
    identity.build,
)


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[None]:
    """Build everything from settings, hand it out while the block runs, close it in reverse order.

    Asks no outside system: whether one answers shows when it is needed. Raises: ConfigError.
    """
    async with AsyncExitStack() as stack:
        with use(**await _build(chosen, stack)):
            yield


async def _build(chosen: Settings, stack: AsyncExitStack) -> Parts:
    parts = await stores.build(chosen, stack)
    for build in ROOMS:
        parts |= build(chosen, parts, stack)
    return parts | {"live_tabs": LiveTabs(), "handover": Handover(parts["bus"], parts["clock"])}
