"""Every screen at its address, with its title and the handlers that fill it."""

from typing import Any

import reflex as rx

from portal_app import routes
from portal_app.components.brand import page_title
from portal_app.components.overlay import APP_WRAPS
from portal_app.components.text import t
from portal_app.pages.account import account_page
from portal_app.pages.address import address_page
from portal_app.pages.availability import availability_page
from portal_app.pages.case import case_page
from portal_app.pages.cases import cases_page
from portal_app.pages.catalog import catalog_page, internet_plans_page, sim_plans_page, vpn_plans_page
from portal_app.pages.checkout import checkout_page
from portal_app.pages.confirm import confirm_page
from portal_app.pages.confirm_email import confirm_email_page
from portal_app.pages.dashboard import dashboard_page
from portal_app.pages.invoice import invoice_page
from portal_app.pages.invoices import invoices_page
from portal_app.pages.landing import landing_page
from portal_app.pages.legal import privacy_page, terms_page
from portal_app.pages.linking import link_code_page, link_page
from portal_app.pages.login import login_page
from portal_app.pages.mfa import mfa_page
from portal_app.pages.new_case import new_case_page
from portal_app.pages.not_found import not_found_page
from portal_app.pages.notifications import notifications_page
from portal_app.pages.order import order_page
from portal_app.pages.order_internet import order_internet_page
from portal_app.pages.order_sim import order_sim_page
from portal_app.pages.order_vpn import order_vpn_page
from portal_app.pages.orders import orders_page
from portal_app.pages.payments import payments_page
from portal_app.pages.profile import profile_page
from portal_app.pages.recovery import (
    check_mail_page,
    forgot_password_page,
    reset_password_page,
    set_password_page,
    verify_email_page,
)
from portal_app.pages.security import security_page
from portal_app.pages.service import service_page
from portal_app.pages.services import services_page
from portal_app.pages.sign_up import sign_up_page, sign_up_status_page
from portal_app.pages.verification import verification_page
from portal_app.state.account import AccountState
from portal_app.state.address import AddressState
from portal_app.state.availability import AvailabilityState
from portal_app.state.case import CaseState
from portal_app.state.cases import CasesState
from portal_app.state.catalog import CatalogState
from portal_app.state.checkout import CheckoutState
from portal_app.state.confirm import ConfirmState
from portal_app.state.confirm_email import ConfirmEmailState
from portal_app.state.dashboard import DashboardState
from portal_app.state.invoice import InvoiceState
from portal_app.state.invoices import InvoicesState
from portal_app.state.linking import LinkCodeState, LinkState
from portal_app.state.login import LoginState
from portal_app.state.mfa import MfaState
from portal_app.state.new_case import NewCaseState
from portal_app.state.notifications import BellState, NotificationsState
from portal_app.state.order import OrderState
from portal_app.state.order_internet import OrderInternetState
from portal_app.state.order_sim import OrderSimState
from portal_app.state.order_vpn import OrderVpnState
from portal_app.state.orders import OrdersState
from portal_app.state.payments import PaymentsState
from portal_app.state.profile import ProfileState
from portal_app.state.recovery import (
    CheckMailState,
    ForgotPasswordState,
    ResetPasswordState,
    SetPasswordState,
    VerifyEmailState,
)
from portal_app.state.security import SecurityState
from portal_app.state.service import ServiceState
from portal_app.state.services import ServicesState
from portal_app.state.sign_up import SignUpState, SignUpStatusState
from portal_app.state.verification import VerificationState

ACCOUNT: list[Any] = [
    AccountState.load,
    AccountState.load_profile,
    AccountState.load_checks,
    AccountState.load_payments,
    AccountState.load_security,
]

OPEN = (routes.CATALOG, routes.CATALOG_INTERNET, routes.CATALOG_SIM, routes.CATALOG_VPN, routes.TERMS, routes.PRIVACY)
"""Pages anybody may open, with a customer's own bar for a customer."""

ON_LOAD: dict[str, list[Any]] = {
    routes.DASHBOARD: [
        DashboardState.load_bills,
        DashboardState.load_services,
        DashboardState.load_name,
        DashboardState.load_orders,
        DashboardState.load_cases,
        DashboardState.load_payment,
        DashboardState.load_identity,
        DashboardState.load_profile,
    ],
    routes.INVOICES: [InvoicesState.load],
    routes.INVOICE: [InvoiceState.load, InvoiceState.arrived],
    routes.PAYMENT_METHODS: [PaymentsState.load],
    routes.SERVICES: [ServicesState.load],
    routes.SERVICE: [ServiceState.load, ServiceState.load_history],
    routes.CHECKOUT: [CheckoutState.load],
    routes.ORDERS: [OrdersState.load],
    routes.ORDER: [OrderState.load, OrderState.arrived],
    routes.CASES: [CasesState.load, CasesState.arrived],
    routes.CASE: [CaseState.load, CaseState.arrived],
    routes.NEW_CASE: [NewCaseState.load],
    routes.CATALOG: [CatalogState.load],
    routes.CATALOG_INTERNET: [CatalogState.load],
    routes.CATALOG_SIM: [CatalogState.load],
    routes.CATALOG_VPN: [CatalogState.load],
    routes.ACCOUNT: ACCOUNT,
    routes.SETTINGS: ACCOUNT,
    routes.PROFILE: [ProfileState.load, ProfileState.load_address],
    routes.SECURITY: [SecurityState.load, SecurityState.load_devices, SecurityState.load_activity],
    routes.NOTIFICATIONS: [NotificationsState.load],
    routes.ADDRESS: [AddressState.load],
    routes.AVAILABILITY: [AvailabilityState.load],
    routes.VERIFICATION: [VerificationState.load],
    routes.ORDER_INTERNET: [OrderInternetState.load, OrderInternetState.load_checks],
    routes.ORDER_SIM: [OrderSimState.load, OrderSimState.load_checks],
    routes.ORDER_VPN: [OrderVpnState.load, OrderVpnState.load_checks],
    routes.LOGIN: [LoginState.load],
    routes.MFA: [MfaState.load],
    routes.CONFIRM: [ConfirmState.load],
    routes.CONFIRM_EMAIL: [ConfirmEmailState.load],
    routes.SIGN_UP: [SignUpState.load],
    routes.SIGN_UP_STATUS: [SignUpStatusState.load],
    routes.CHECK_MAIL: [CheckMailState.load],
    routes.VERIFY_EMAIL: [VerifyEmailState.load],
    routes.LINK: [LinkState.load],
    routes.LINK_CODE: [LinkCodeState.load],
    routes.SET_PASSWORD: [SetPasswordState.load],
    routes.FORGOT_PASSWORD: [ForgotPasswordState.load],
    routes.RESET_PASSWORD: [ResetPasswordState.load],
}


def app_options() -> dict[str, Any]:
    """What rx.App takes for the looks: our stylesheet and overlays, and none of Reflex's toasts."""
    return {
        "stylesheets": ["/portal.css"],
        "toaster": None,
        "extra_app_wraps": APP_WRAPS,
        "html_lang": "en",
        "head_components": [
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
            rx.el.meta(name="theme-color", content="#f5f5f2", custom_attrs={"media": "(prefers-color-scheme: light)"}),
            rx.el.meta(name="theme-color", content="#10151e", custom_attrs={"media": "(prefers-color-scheme: dark)"}),
        ],
    }


def register(app: rx.App) -> None:
    """Add every page."""
    _add(app, routes.LANDING, landing_page, t("landing.title"))
    _add(app, routes.LOGIN, login_page, t("sign_in.title"))
    _add(app, routes.SIGN_UP, sign_up_page, t("signup.title"))
    _add(app, routes.SIGN_UP_STATUS, sign_up_status_page, t("signup.status.title"))
    _add(app, routes.CHECK_MAIL, check_mail_page, t("check_mail.title"))
    _add(app, routes.VERIFY_EMAIL, verify_email_page, t("verify.title"))
    _add(app, routes.LINK, link_page, t("link.title"))
    _add(app, routes.LINK_CODE, link_code_page, t("link.code_title"))
    _add(app, routes.SET_PASSWORD, set_password_page, t("set_password.title"))
    _add(app, routes.FORGOT_PASSWORD, forgot_password_page, t("forgot.title"))
    _add(app, routes.RESET_PASSWORD, reset_password_page, t("reset.title"))
    _add(app, routes.MFA, mfa_page, t("mfa.title"))
    _add(app, routes.CONFIRM, confirm_page, t("confirm.title"))
    _add(app, routes.CONFIRM_EMAIL, confirm_email_page, t("confirm_email.title"))
    _add(app, routes.DASHBOARD, dashboard_page, t("dashboard.title"))
    _add(app, routes.INVOICES, invoices_page, t("invoices.title"))
    _add(app, routes.INVOICE, invoice_page, t("invoice.page"))
    _add(app, routes.PAYMENT_METHODS, payments_page, t("payments.title"))
    _add(app, routes.SERVICE, service_page, t("service.page"))
    _add(app, routes.SERVICES, services_page, t("services.title"))
    _add(app, routes.CHECKOUT, checkout_page, t("checkout.title"))
    _add(app, routes.ORDERS, orders_page, t("orders.title"))
    _add(app, routes.ORDER, order_page, t("order.page"))
    _add(app, routes.CASES, cases_page, t("cases.title"))
    _add(app, routes.CASE, case_page, t("thread.page"))
    _add(app, routes.NEW_CASE, new_case_page, t("new_case.title"))
    _add(app, routes.CATALOG, catalog_page, t("catalog.title"))
    _add(app, routes.CATALOG_INTERNET, internet_plans_page, t("kind.internet"))
    _add(app, routes.CATALOG_SIM, sim_plans_page, t("kind.sim"))
    _add(app, routes.CATALOG_VPN, vpn_plans_page, t("kind.vpn"))
    for address in (routes.ACCOUNT, routes.SETTINGS):  # the latter is printed on old letters
        _add(app, address, account_page, t("account.title"))
    _add(app, routes.PROFILE, profile_page, t("profile.title"))
    _add(app, routes.SECURITY, security_page, t("security.title"))
    _add(app, routes.NOTIFICATIONS, notifications_page, t("notices.title"))
    _add(app, routes.ADDRESS, address_page, t("address.title"))
    _add(app, routes.AVAILABILITY, availability_page, t("availability.title"))
    _add(app, routes.VERIFICATION, verification_page, t("document.title"))
    _add(app, routes.TERMS, terms_page, t("legal.terms"))
    _add(app, routes.PRIVACY, privacy_page, t("legal.privacy"))
    _add(app, routes.ORDER_INTERNET, order_internet_page, t("wizard.internet.title"))
    _add(app, routes.ORDER_SIM, order_sim_page, t("wizard.sim.title"))
    _add(app, routes.ORDER_VPN, order_vpn_page, t("wizard.vpn.title"))
    app.add_page(
        not_found_page,
        route=routes.NOT_FOUND.lstrip("/"),
        title=page_title(t("not_found.title")),
        description=t("common.description"),
    )


def _add(app: rx.App, route: str, page: Any, title: Any) -> None:
    app.add_page(
        page,
        route=route,
        title=page_title(title),
        description=t("common.description"),
        on_load=[*ON_LOAD.get(route, []), *_bell_of(route)],
    )


def _bell_of(route: str) -> list[Any]:
    """What fills the bell in its bar, after everything the page itself shows."""
    if route in OPEN:
        return [BellState.load_if_signed_in]
    return [BellState.load] if routes.is_private(route) else []
