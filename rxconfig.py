"""Reflex's own settings. Nothing of a machine or a customer goes into the build."""

import os

import reflex as rx

COLOURS = {
    name: f"var(--{name})"
    for name in (
        *("page", "card", "sunken", "line", "edge", "ink", "muted"),
        *("accent", "accent-hover", "accent-soft", "on-accent"),
        *("good", "good-soft", "warn", "warn-soft", "bad", "bad-soft"),
    )
}
"""Tailwind's colour names onto the variables of assets/portal.css, which know light and dark."""

config = rx.Config(
    app_name="portal_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    # No typography plugin: nothing uses it, and its rules would travel on every first visit.
    plugins=[rx.plugins.TailwindV4Plugin(config={"theme": {"extend": {"colors": COLOURS}}, "plugins": []})],
    disable_plugins=[rx.plugins.SitemapPlugin],
    frontend_compression_formats=["brotli", "gzip"],
    state_manager_mode="redis" if os.environ.get("REDIS_URL") else "memory",
    redis_url=os.environ.get("REDIS_URL") or None,
    redis_token_expiration=1800,
    cors_allowed_origins=[],
)
