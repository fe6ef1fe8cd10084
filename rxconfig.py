"""Reflex's own settings. Nothing of a machine or a customer goes into the build."""

import os

import reflex as rx

config = rx.Config(
    app_name="portal_app",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    plugins=[rx.plugins.TailwindV4Plugin()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    frontend_compression_formats=["brotli", "gzip"],
    state_manager_mode="redis" if os.environ.get("REDIS_URL") else "memory",
    redis_url=os.environ.get("REDIS_URL") or None,
    redis_token_expiration=1800,
    cors_allowed_origins=[],
)
