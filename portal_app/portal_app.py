"""Makes the app: imports pages, mounts the HTTP doors, registers the worker. Nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import reflex as rx
from starlette.applications import Starlette

from portal_app import pages, settings, wiring
from portal_app.observability import logs
from portal_app.state import guard
from portal_app.state.live import LivePush
from portal_app.state.primed import FirstData
from portal_app.web import health
from portal_app.web.app import routes as http_doors
from portal_app.web.edge import Edge
from portal_app.web.ending import when_told
from portal_app.worker.runtime import GRACE_S, Worker

BUILD = Path(".web/build/client")


def edge(asgi_app):
    """The outermost wrapper; without a build (while one is being made) the app stays bare."""
    return Edge(asgi_app, app.router, BUILD, FirstData(pages.ON_LOAD)) if BUILD.is_dir() else asgi_app


app = rx.App(
    api_transformer=[Starlette(routes=http_doors()), edge],
    backend_exception_handler=guard.explain,
    **pages.app_options(),
)
app.add_middleware(guard.Guard())
pages.register(app)


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """Everything this process holds open: database, upstreams, bus, live push and, when embedded, the worker."""
    chosen = settings.load()
    logs.setup(chosen.LOG_LEVEL, hide=chosen.secrets())
    async with wiring.opened(chosen):
        push = LivePush(app)
        push.start()
        wiring.handover().start()
        worker = Worker() if wiring.settings().PORTAL_WORKER == "embedded" else None
        if worker:
            await worker.start()
        ending: list[asyncio.Task[None]] = []

        def end() -> None:
            health.drain()
            wiring.salesforce_client().end_within(GRACE_S)
            if worker and not ending:
                ending.append(asyncio.create_task(worker.stop(), name="worker-ends"))

        try:
            with when_told(end):
                yield
        finally:
            end()
            await asyncio.gather(*ending)
            wiring.handover().stop()
            await push.stop()


app.register_lifespan_task(lifespan)
