"""The account's own: second factor, password, e-mail address, profile."""

from contextlib import AsyncExitStack

from portal_app.settings import Settings
from portal_app.wiring.parts import Parts
from portal_app.workflows.email_change import EmailChange
from portal_app.workflows.email_change_mails import EmailChangeMails
from portal_app.workflows.email_writeback import EmailWriteback
from portal_app.workflows.profile import Profiles


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room of the outside systems."""
    return {"profiles": _profiles(parts)} | _email(parts)


def _email(parts: Parts) -> Parts:
    common = {name: parts[name] for name in ("users", "outbox", "bus")}
    kept = {"db": parts["database"], "tokens": parts["email_tokens"], "clock": parts["clock"]}
    asked = {name: parts[name] for name in ("sessions", "limits", "index", "audit")}
    return {
        "email_change": EmailChange(**asked, **kept, **common),
        "email_change_mails": EmailChangeMails(registration=parts["registration"], **kept, **common),
        "email_writeback": EmailWriteback(
            profiles=parts["whmcs_profiles"], contacts=parts["contacts"], audit=parts["audit"], **common
        ),
    }


def _profiles(parts: Parts) -> Profiles:
    asked = ("whmcs_profiles", "contacts", "users", "outbox", "bus", "audit")
    return Profiles(db=parts["database"], **{name: parts[name] for name in asked})
