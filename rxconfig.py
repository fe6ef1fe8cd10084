"""Reflex's own settings. Nothing of a machine or a customer goes into the build."""

import os

import redis
import reflex as rx

from portal_app import settings
from portal_app.priming.plugin import Examples


def _oplock_supported(redis_url: str) -> bool:
    """Whether Redis knows `PEXPIRE ... XX` (7.0), which Reflex's opportunistic lock sends.

    On an older one its first event fails and holds the tab's lock until it expires, so there the plain lock is used.
    """
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=2) as server:
            return int(str(server.info("server")["redis_version"]).split(".")[0]) >= 7
    except (redis.RedisError, ValueError):
        return False


REDIS_URL = settings.given("REDIS_URL")
if REDIS_URL:
    # Keeps a tab's state in the worker its socket is on between events: near in-memory speed.
    os.environ.setdefault("REFLEX_OPLOCK_ENABLED", str(_oplock_supported(REDIS_URL)).lower())

COLOURS = {
    name: f"var(--{name})"
    for name in (
        *("page", "card", "sunken", "line", "edge", "ink", "muted"),
        *("accent", "accent-hover", "accent-soft", "on-accent"),
        *("good", "good-soft", "warn", "warn-soft", "bad", "bad-soft"),
    )
}
"""Tailwind's colour names onto the variables of assets/portal.css, which know light and dark."""

TAILWIND = {"theme": {"extend": {"colors": COLOURS}}, "darkMode": "class", "plugins": []}
"""Dark follows the class that Reflex sets. No typography plugin: nothing uses it, and its rules would travel."""

config = rx.Config(
    app_name="portal_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[rx.plugins.TailwindV4Plugin(config=TAILWIND), Examples()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    frontend_compression_formats=["brotli", "gzip"],
    state_manager_mode="redis" if REDIS_URL else "memory",
    redis_url=REDIS_URL or None,
    redis_token_expiration=1800,
    # Longer than a first load may wait for an upstream; a lock that expires loses what the handler wrote.
    redis_lock_expiration=30_000,
    cors_allowed_origins=[],
)
