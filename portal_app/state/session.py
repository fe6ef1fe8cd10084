"""Who this tab belongs to, in which language it speaks, and the one place a problem is announced."""

import reflex as rx
from reflex.event import Event

from portal_app import wiring
from portal_app.domain.customer import Customer
from portal_app.errors import NotSignedIn
from portal_app.security import policy
from portal_app.security.policy import public

LOCALES = ("en", "ja")


class SessionState(rx.State):
    """Bound by the guard to the session behind the socket; nothing here is authority for anything."""

    locale: str = rx.Cookie("en", name="portal_locale", path="/", max_age=31_536_000, same_site="lax")
    signed_in: bool = False
    display_name: str = ""
    problem: str = ""  # key into `text`, "" when all is well
    problem_reference: str = ""

    _session_id: str = ""
    _user_id: str = ""
    _openings: dict[str, tuple[str, str, frozenset[str]]] = {}  # what `takeover` knows of this tab, by state

    @rx.event
    @public
    async def set_locale(self, locale: str) -> list[Event] | None:
        """Switch the language of this tab, keep it for the customer, and redraw what the server wrote."""
        if locale not in LOCALES or locale == self.locale:
            return None
        self.locale = locale
        if self._user_id:
            await wiring.users().set_locale(self._user_id, locale)
        shown = wiring.live_tabs().handlers_of(self.router.session.client_token)
        return [Event(name=handler) for handler in shown]

    @rx.event
    @public
    def dismiss_problem(self):
        """Take the announced problem away."""
        self.problem, self.problem_reference = "", ""

    @rx.event
    @public
    def announce_problem(self, problem: str, reference: str) -> None:
        """Show a sentence of `text` with the reference a customer can quote."""
        self.problem, self.problem_reference = problem[:80], reference[:20]

    @rx.event
    @policy.signed_in  # the class has a var of the decorator's short name
    def verify(self):
        """Nothing of its own: running it lets the guard notice that the session is over."""

    def _bind(self, session_id: str, user_id: str) -> None:
        self._session_id, self._user_id = session_id, user_id
        self.signed_in = bool(session_id)


async def current_customer(state: rx.State) -> Customer:
    """The customer behind this event. Raises NotSignedIn when the session is over or maps to nobody."""
    ident = await state.get_state(SessionState)
    session = await wiring.sessions().find(ident._session_id) if ident._session_id else None
    if session is None or session.customer is None:
        raise NotSignedIn
    return session.customer
