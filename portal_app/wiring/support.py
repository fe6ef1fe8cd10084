"""Support: questions, answers, attachments."""

from contextlib import AsyncExitStack

from portal_app.settings import Settings
from portal_app.wiring.parts import Parts


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    return {}
