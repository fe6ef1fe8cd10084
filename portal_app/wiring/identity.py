"""The account's own: second factor, password, e-mail address, profile."""

from contextlib import AsyncExitStack

from portal_app.settings import Settings
from portal_app.wiring.parts import Parts


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    return {}
