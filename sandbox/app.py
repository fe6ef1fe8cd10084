"""Puts the stand-ins on their ports, in this process. `running()` is the way in for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from sandbox import index
from sandbox.calls import CallLog
from sandbox.clock import Clock
from sandbox.config import Config
from sandbox.console import routes as console
from sandbox.console.reading import own_pages_only
from sandbox.faults import Faults
from sandbox.freebit import transport as freebit
from sandbox.freebit.planted import plant_lines
from sandbox.mail import MailSink
from sandbox.pubsub.server import PubSubServer
from sandbox.salesforce import transport as salesforce
from sandbox.salesforce.org import Org
from sandbox.seed import catch_up, plant, planted
from sandbox.store import Store
from sandbox.whmcs import pages, sso, transport
from sandbox.whmcs.hooks import HookSender
from sandbox.world import WORLD, World

MAX_BODY = 8 * 1024 * 1024
LONGEST_LINE = 32_768  # Salesforce refuses past 16,384, in its own words


@dataclass(frozen=True, slots=True)
class Running:
    """Where a started sandbox listens. `url` has no trailing slash, `pubsub` is host:port.

    `world` is for looking inside from tests.
    """

    url: str
    smtp_port: int
    world: World
    pubsub: str

    @property
    def whmcs_url(self) -> str:
        return f"{self.url}/whmcs"

    @property
    def freebit_url(self) -> str:
        return f"{self.url}/freebit"


def make_world(config: Config, clock: Clock | None = None) -> World:
    """Open the store, seed it when it is empty."""
    clock = clock or Clock(config.today)
    store = Store(config.data)
    if not planted(store):
        plant(store, clock, config.seed_size)
    catch_up(store, clock)
    plant_lines(store, clock)
    hooks = HookSender(store, clock, config.webhook_url, config.webhook_secret)
    faults = Faults()
    return World(config, clock, store, faults, CallLog(), hooks, Org(config, clock, store, faults))


def make_app(world: World) -> web.Application:
    app = web.Application(client_max_size=MAX_BODY, middlewares=[own_pages_only])
    app[WORLD] = world
    app.router.add_post("/whmcs/includes/api.php", transport.api)
    app.router.add_get("/whmcs/oauth/singlesignon.php", sso.single_sign_on)
    app.add_routes(pages.ROUTES)
    app.add_routes(salesforce.ROUTES)
    app.add_routes(freebit.ROUTES)
    app.add_routes(console.ROUTES)
    app.add_routes(index.ROUTES)
    return app


@asynccontextmanager
async def running(config: Config, clock: Clock | None = None) -> AsyncIterator[Running]:
    """A sandbox on real sockets for as long as the block lasts. Ports 0 are chosen by the system."""
    world = make_world(config, clock)
    world.salesforce.keys.prepare()
    runner = web.AppRunner(make_app(world), access_log=None, shutdown_timeout=1, max_line_size=LONGEST_LINE)
    sink = MailSink(world.store, world.clock, world.faults)
    events = world.salesforce.events
    events.server = PubSubServer(events, world.salesforce.sessions.valid)
    await runner.setup()
    try:
        await web.TCPSite(runner, config.host, config.port).start()
        port = int(runner.addresses[0][1])
        smtp_port = await sink.start(config.host, config.smtp_port)
        await events.server.start(config.host, config.pubsub_port)
        await world.hooks.start()
        yield Running(f"http://{config.host}:{port}", smtp_port, world, events.server.endpoint)
    finally:
        await events.close()
        await world.hooks.stop()
        await sink.stop()
        await runner.cleanup()
        world.store.close()
