"""The account's own: second factor, password, e-mail address, profile."""

from contextlib import AsyncExitStack

from portal_app.settings import Settings
from portal_app.wiring.parts import Parts
from portal_app.workflows.profile import Profiles


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    return {"profiles": _profiles(parts)}


def _profiles(parts: Parts) -> Profiles:
    asked = ("whmcs_profiles", "contacts", "users", "outbox", "bus", "audit")
    return Profiles(db=parts["database"], **{name: parts[name] for name in asked})
