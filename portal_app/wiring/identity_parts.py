"""Hands out what the room `identity` has; `portal_app.wiring` passes these functions on."""

from portal_app.wiring.parts import part
from portal_app.workflows.profile import Profiles


def profiles() -> Profiles:
    """What customers read and change about themselves."""
    return part("profiles")
