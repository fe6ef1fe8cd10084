"""O6: every event handler x {anonymous, owner, another customer}, by a table nobody can forget to add to.

No outside answers here: every part of the wiring notes for whom it is asked and then is down. So what is proved is for
whom a handler asks, whatever ids stand in the address or in its arguments; that an id of somebody else is not found is
proved where ids are looked up.
"""

import inspect
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest
import reflex as rx
from reflex.istate.data import RouterData
from reflex_base.registry import RegistrationContext

import portal_app.portal_app  # noqa: F401  registers every state of the product
from portal_app.domain.customer import Customer
from portal_app.errors import NotSignedIn
from portal_app.priming.handover import Handover
from portal_app.security.policy import policy_of
from portal_app.state.session import SessionState
from portal_app.storage.bus import MemoryBus
from tests.fakes.asked import Asked, Down
from tests.fakes.clock import FakeClock
from tests.fakes.screens import ScreenFlash
from tests.fakes.settings import a_settings

OWNER = Customer("user-owner", 7, "001Q800000D0007IAB")
OTHER = Customer("user-other", 8, "001Q800000D0008IAC")
SESSIONS = {"session-owner": OWNER, "session-other": OTHER}
PEOPLE = {"anonymous": "", "owner": "session-owner", "other": "session-other"}
OWNERS_IDS = {
    "case_id": "500000000000001AAA",
    "order_id": "801000000000001AAA",
    "invoice_id": "101",
    "service_id": "31",
    "line": "sim",
}


class Sessions(Down):
    """Two people are signed in; more is not told."""

    async def find(self, session_id: str) -> SimpleNamespace | None:
        customer = SESSIONS.get(session_id)
        return customer and SimpleNamespace(
            customer=customer, session_id=session_id, user_id=customer.user_id, auth_time=FakeClock().now()
        )


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    parts = Asked(users=frozenset({OWNER.user_id, OTHER.user_id}))
    sessions = Sessions("sessions", parts.calls)
    handover = Handover(MemoryBus(), FakeClock())  # holds nothing: no answer came before
    parts.update(clock=FakeClock(), settings=a_settings(), flash=ScreenFlash(), sessions=sessions, handover=handover)
    monkeypatch.setattr("portal_app.wiring.parts._parts", parts)
    yield parts


def handlers() -> dict[str, Any]:
    """Every handler of the portal: state and name -> the function."""
    return {
        ".".join(name.split("____")[-1].split(".")[-2:]): (name, registered.handler.fn)
        for name, registered in RegistrationContext.get().event_handlers.items()
        if (registered.handler.fn.__module__ or "").startswith("portal_app.")
    }


HANDLERS = handlers()


async def run(name: str, session_id: str) -> bool:
    """Run it, with the owner's ids wherever one may stand; whether it said that nobody is signed in."""
    full, handler = HANDLERS[name]
    root = rx.State(_reflex_internal_init=True)
    data = {"asPath": "/", "pathname": "/", "headers": {}, "query": OWNERS_IDS}
    root.router_data, root.router = data, RouterData.from_router_data(data)
    ident = root.get_substate([rx.State.get_name(), SessionState.get_name()])
    assert isinstance(ident, SessionState)
    ident._bind(session_id, SESSIONS[session_id].user_id if session_id else "")
    state = root.get_substate(full.split(".")[:-1])
    given = {str: "31", bool: True, int: 31, dict[str, str]: {"sku": "31"}}
    hints = get_type_hints(handler)
    arguments = [given[hints[one]] for one in list(inspect.signature(handler).parameters)[1:]]
    try:
        going = handler(state, *arguments)
        if inspect.isasyncgen(going):
            async for _ in going:
                pass
        elif inspect.isawaitable(going):
            await going
    except NotSignedIn:
        return True
    except Exception:
        return False
    return False


PUBLIC = frozenset(
    {
        "address_state.check",
        "address_state.look_up",
        "bell_state.load_if_signed_in",
        "catalog_state.load",
        "check_mail_state.load",
        "confirm_email_state.load",
        "forgot_password_state.load",
        "link_code_state.load",
        "link_state.load",
        "login_state.load",
        "mfa_state.load",
        "profile_state.check",
        "reset_password_state.load",
        "session_state.announce_problem",
        "session_state.dismiss_problem",
        "session_state.set_locale",
        "set_password_state.load",
        "sign_up_state.check",
        "sign_up_state.load",
        "sign_up_status_state.load",
        "verify_email_state.load",
    }
)
ASKS = {
    "account_state.load": "addresses",
    "account_state.load_checks": "checks",
    "account_state.load_payments": "pay_methods",
    "account_state.load_profile": "profiles",
    "account_state.load_security": "second_factors",
    "address_state.load": "addresses",
    "availability_state.ask": "addresses availability",
    "availability_state.load": "addresses availability",
    "bell_state.dismiss": "notices",
    "bell_state.load": "notices",
    "bell_state.read": "notices",
    "bell_state.read_all": "notices",
    "case_state.arrived": "",
    "case_state.load": "support",
    "case_state.refresh": "support",
    "case_state.seen": "",
    "cases_state.arrived": "",
    "cases_state.load": "support",
    "cases_state.refresh": "support",
    "catalog_state.load_mine": "",
    "checkout_state.accept_terms": "",
    "checkout_state.confirm_address": "",
    "checkout_state.load": "",
    "checkout_state.look_again": "",
    "confirm_state.load": "confirming",
    "dashboard_state.load_bills": "services",
    "dashboard_state.load_cases": "support",
    "dashboard_state.load_identity": "checks",
    "dashboard_state.load_name": "clients",
    "dashboard_state.load_orders": "orders",
    "dashboard_state.load_payment": "pay_methods",
    "dashboard_state.load_profile": "profiles",
    "dashboard_state.load_services": "services",
    "dashboard_state.refresh_bills": "billing",
    "dashboard_state.refresh_services": "services",
    "invoice_state.arrived": "",
    "invoice_state.load": "billing",
    "invoice_state.refresh": "billing",
    "invoices_state.load": "billing",
    "invoices_state.refresh": "billing",
    "new_case_state.load": "support",
    "notifications_state.choose": "notices",
    "notifications_state.load": "notices",
    "notifications_state.show_more": "",
    "order_internet_state.choose_day": "shopping",
    "order_internet_state.choose_installation": "shopping",
    "order_internet_state.choose_option": "shopping",
    "order_internet_state.drop_gone": "shopping",
    "order_internet_state.load": "shopping",
    "order_internet_state.load_checks": "checks shopping",
    "order_internet_state.save_installation": "shopping",
    "order_internet_state.save_plan": "shopping",
    "order_sim_state.choose_option": "shopping",
    "order_sim_state.drop_gone": "shopping",
    "order_sim_state.load": "shopping",
    "order_sim_state.load_checks": "checks shopping",
    "order_sim_state.save_form": "shopping",
    "order_sim_state.save_number": "shopping",
    "order_sim_state.save_start": "shopping",
    "order_state.arrived": "",
    "order_state.load": "orders",
    "order_state.refresh": "orders",
    "order_vpn_state.choose_option": "shopping",
    "order_vpn_state.choose_region": "shopping",
    "order_vpn_state.drop_gone": "shopping",
    "order_vpn_state.load": "shopping",
    "order_vpn_state.load_checks": "checks shopping",
    "order_vpn_state.save_region": "shopping",
    "orders_state.load": "orders",
    "orders_state.refresh": "orders",
    "payments_state.load": "pay_methods",
    "payments_state.look_again": "pay_methods",
    "payments_state.refresh": "pay_methods",
    "profile_state.load": "profiles",
    "profile_state.load_address": "addresses",
    "security_state.end": "sessions",
    "security_state.end_others": "sessions",
    "security_state.load": "users",
    "security_state.load_activity": "audit",
    "security_state.load_devices": "sessions",
    "service_state.load": "service_book",
    "service_state.load_history": "billed_services",
    "service_state.refresh": "service_book",
    "services_state.load": "service_book",
    "services_state.refresh": "service_book",
    "session_state.verify": "",
    "verification_state.load": "identity_documents",
}
"""What hears of the customer when a handler that needs a session runs; "" where nothing does at once."""


def test_every_handler_stands_in_one_of_the_tables_with_the_policy_it_declares() -> None:
    declared = {name: policy_of(handler).who for name, (_, handler) in HANDLERS.items()}
    assert declared == dict.fromkeys(PUBLIC, "public") | dict.fromkeys(ASKS, "signed_in")


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("name", sorted(PUBLIC))
async def test_o6_what_anybody_may_run_asks_about_nobody(asked: Asked, name: str, who: str) -> None:
    assert not await run(name, PEOPLE[who])
    assert asked.parts() == []


@pytest.mark.parametrize("name", sorted(ASKS))
async def test_o6_without_a_session_nothing_is_asked_at_all(asked: Asked, name: str) -> None:
    """Even past the guard, which refuses before that."""
    refused = await run(name, "")
    assert asked.calls == [] and (refused or not ASKS[name])


@pytest.mark.parametrize("who", ["owner", "other"])
@pytest.mark.parametrize("name", sorted(ASKS))
async def test_o6_o1_a_handler_asks_for_whoever_runs_it_and_for_nobody_else(asked: Asked, name: str, who: str) -> None:
    session_id = PEOPLE[who]
    assert not await run(name, session_id)
    assert asked.parts() == ASKS[name].split()
    assert asked.about() == ({SESSIONS[session_id].user_id} if ASKS[name] else set())
