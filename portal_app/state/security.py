"""The security page: how signing in is protected, where somebody is signed in, what happened lately."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

import reflex as rx

from portal_app import wiring
from portal_app.domain.safety import LiveSession
from portal_app.errors import NotFound, NotSignedIn
from portal_app.format import JAPAN, day
from portal_app.security.policy import FRESH, signed_in
from portal_app.state.activity_rows import ActivityRow, device_words
from portal_app.state.asking import Asking, asking
from portal_app.state.forms import FormState
from portal_app.state.session import SessionState

FEW_CODES: Final = 3
LINES: Final = 20
BY_OWNER: Final = "by_owner"
Form = Literal["", "password", "email", "factor"]
_FIELDS: Final[dict[str, Form]] = {
    "current_password": "password",
    "password": "password",
    "email": "email",
    "code": "factor",
}


@dataclass(frozen=True)
class DeviceRow:
    """A browser somebody is signed in with. `handle` names its session and opens nothing."""

    handle: str
    device: str
    since: str
    seen: str
    current: bool

    @classmethod
    def of(cls, one: LiveSession, me: Asking) -> "DeviceRow":
        """Times in Japan, of another day with the day."""
        device = device_words(one.device, me.locale)
        return cls(one.handle, device, me.clock(one.started_at), me.clock(one.last_seen_at), one.current)


class SecurityState(FormState, rx.State):
    """`recent`: who it is was shown minutes ago, so that the forms may be used; the doors ask again whatever it says.

    `refused`: which form of the page came back.
    """

    second_factor: Literal["loading", "on", "off"] = "loading"
    since: str = ""
    codes_left: str = ""
    codes: Literal["many", "few", "none"] = "many"
    email_now: str = ""
    recent: bool = False
    refused: Form = ""
    devices: list[DeviceRow] = []
    others: bool = False
    activity: list[ActivityRow] = []

    @rx.event
    @signed_in(live="security profile")
    async def load(self):
        """How signing in is protected, and once what a door had to say."""
        await self._take_flash()
        self.refused = self._which()
        me = await asking(self)
        session = await wiring.sessions().find((await self.get_state(SessionState))._session_id)
        if session is None:
            raise NotSignedIn
        # What is being typed stays; whoever was too slow is asked by the door.
        self.recent = self.recent or wiring.clock().now() - session.auth_time <= FRESH
        self.email_now = (await wiring.users().get(me.customer.user_id)).email
        standing = await wiring.second_factors().standing(me.customer.user_id)
        self.second_factor = "on" if standing.enabled else "off"
        self.since = day(standing.since.astimezone(JAPAN).date(), me.locale) if standing.since else ""
        self.codes_left = str(standing.codes_left)
        self.codes = "none" if not standing.codes_left else "few" if standing.codes_left <= FEW_CODES else "many"

    @rx.event
    @signed_in(live="security")
    async def load_devices(self):
        """Where somebody is signed in, this browser first."""
        await self._read_devices(await asking(self))

    @rx.event
    @signed_in(live="security profile address")
    async def load_activity(self):
        """What happened lately, newest first."""
        await self._read_activity(await asking(self))

    @rx.event
    @signed_in
    async def end(self, handle: str) -> None:
        """Sign that browser out. One that is signed out already, or was never the customer's, changes nothing."""
        me = await asking(self)
        with suppress(NotFound):
            await wiring.sessions().end_by_handle(me.customer.user_id, handle, reason=BY_OWNER)
        await self._ended(me)

    @rx.event
    @signed_in
    async def end_others(self):
        """Sign out every browser but this one."""
        me = await asking(self)
        current = (await self.get_state(SessionState))._session_id
        await wiring.sessions().end_all(me.customer.user_id, BY_OWNER, keep=current)
        await self._ended(me)

    async def _ended(self, me: Asking) -> None:
        await self._read_devices(me)
        await self._read_activity(me)

    async def _read_devices(self, me: Asking) -> None:
        current = (await self.get_state(SessionState))._session_id
        live = await wiring.sessions().list_live(me.customer.user_id, current=current)
        self.devices = [DeviceRow.of(one, me) for one in live]
        self.others = any(not one.current for one in live)

    async def _read_activity(self, me: Asking) -> None:
        found = await wiring.audit().list_of(me.customer.user_id)
        rows = (ActivityRow.of(place, one, me.locale) for place, one in enumerate(found))
        self.activity = [row for row in rows if row is not None][:LINES]

    def _which(self) -> Form:
        for name in self.errors:
            if name in _FIELDS:
                return _FIELDS[name]
        if not self.error:
            return ""
        if self.error.startswith("mfa."):
            return "factor"
        return "email" if self.email else "password"
