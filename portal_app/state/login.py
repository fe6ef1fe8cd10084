"""The sign-in page: what went wrong last time, and where to go afterwards. The password never comes near this class."""

import reflex as rx

from portal_app import routes, wiring
from portal_app.security.policy import public
from portal_app.state.forms import wait
from portal_app.state.guard import cookie_items
from portal_app.state.session import SessionState


class LoginState(rx.State):
    """Filled once from the flash of the refused form."""

    email: str = ""
    error: str = ""  # key into `text`
    field: str = ""  # the field it is about, "" for the form as a whole
    notice: str = ""  # key into `text`: good news from the page before
    minutes: str = ""
    seconds: str = ""
    next: str = routes.DASHBOARD

    _flash_key: str = ""

    @rx.event
    @public
    async def load(self):
        """Show the refusal once; send on whoever is signed in already."""
        self.next = routes.safe_next(self.router.url.query_parameters.get("next"))
        await self._take_flash()
        if self.error or self.notice:
            return None
        ident = await self.get_state(SessionState)
        return rx.redirect(self.next, replace=True) if ident.signed_in else None

    async def _take_flash(self) -> None:
        key = cookie_items(self.router.headers.cookie).get("flash", "")
        if key and key == self._flash_key:
            return  # a reconnect: the refusal was taken before and still stands
        kept = await wiring.flash().take(key) if key else {}
        self._flash_key = key
        self.email, self.error, self.field = (kept.get(name, "") for name in ("email", "error", "field"))
        self.notice = kept.get("notice", "")
        self.minutes, self.seconds = wait(kept.get("retry_after", ""))
