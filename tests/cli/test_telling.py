"""Hints for the running portal of this machine."""

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from portal_app import routes, wiring
from portal_app.cli import telling
from portal_app.storage.bus import MemoryBus
from portal_app.web.operator import wake
from tests.fakes.settings import a_settings

USER = "3f0c1f0e-6c1b-4d52-9e0e-0d6b3f1f9a11"


class Cleared:
    """Remembers what was cleared."""

    def __init__(self) -> None:
        self.tags: list[tuple[str, ...]] = []

    async def clear(self, user_id: str, *tags: str) -> None:
        self.tags.append((user_id, *tags))


async def test_open_pages_of_the_running_portal_are_told():
    chosen, bus, cache, heard = a_settings(), MemoryBus(), Cleared(), []
    bus.subscribe("customer:", lambda topic, _: heard.append(topic))
    portal = httpx.ASGITransport(Starlette(routes=[Route(routes.OPERATOR_WAKE, wake, methods=["POST"])]))
    topics = [f"customer:{USER}:invoices", f"customer:{USER}:services"]
    with wiring.use(settings=chosen, bus=bus, cache=cache):
        said = await telling.wake_portal(chosen, topics, portal)
    assert heard == topics
    assert cache.tags == [(USER, "invoices"), (USER, "services")]
    assert said == "Told 2 open lists to read again."


async def test_the_running_portal_forgets_its_copy_of_the_catalogue():
    cache = Cleared()
    portal = httpx.ASGITransport(Starlette(routes=[Route(routes.OPERATOR_WAKE, wake, methods=["POST"])]))
    with wiring.use(settings=a_settings(), bus=MemoryBus(), cache=cache):
        assert await telling.clear_portals_catalog(a_settings(), portal) == "Forgotten by the portal of this machine."
        other = a_settings(JWT_SECRET="another installation's own secret 0123456789")
        assert "did not take the hint" in await telling.clear_portals_catalog(other, portal)
    assert cache.tags == [("-everybody-", "catalog")]


async def test_another_installations_token_moves_nothing():
    bus, heard = MemoryBus(), []
    bus.subscribe("customer:", lambda topic, _: heard.append(topic))
    portal = httpx.ASGITransport(Starlette(routes=[Route(routes.OPERATOR_WAKE, wake, methods=["POST"])]))
    other = a_settings(JWT_SECRET="another installation's own secret 0123456789")
    with wiring.use(settings=a_settings(), bus=bus, cache=Cleared()):
        said = await telling.wake_portal(other, [f"customer:{USER}:invoices"], portal)
    assert heard == []
    assert "did not take the hint" in said
