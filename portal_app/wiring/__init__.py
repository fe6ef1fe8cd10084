"""Builds the real objects once, from settings: the one place that chooses an implementation; how tests swap one.

`async with opened(settings)` builds and closes all of them; the functions below hand them out; `use(...)` swaps some.
The rooms of this package build what belongs together.
"""

from portal_app.integrations.mail.sender import MailSender
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.integrations.salesforce.cases import Cases
from portal_app.integrations.salesforce.catalog import PriceBook
from portal_app.integrations.salesforce.checks import Checks
from portal_app.integrations.salesforce.client import SalesforceClient
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.upstream import Upstream
from portal_app.integrations.whmcs.billing import Billing
from portal_app.integrations.whmcs.clients import Clients
from portal_app.integrations.whmcs.logins import Logins
from portal_app.integrations.whmcs.products import Products
from portal_app.integrations.whmcs.registration import Registration
from portal_app.integrations.whmcs.services import Services
from portal_app.priming.handover import Handover
from portal_app.security.audit import Audit
from portal_app.security.devices import DeviceCookies
from portal_app.security.limits import Limits
from portal_app.security.lockout import Lockout
from portal_app.security.passwords import Passwords
from portal_app.security.sessions import Sessions
from portal_app.settings import Settings
from portal_app.storage.bus import Bus
from portal_app.storage.cache import Cache
from portal_app.storage.clock import Clock
from portal_app.storage.email_tokens import EmailTokens
from portal_app.storage.engine import Database
from portal_app.storage.flash import Flash
from portal_app.storage.idempotency import IdempotencyKeys
from portal_app.storage.inbox import Inbox
from portal_app.storage.jobs import JobRuns, Leader, ReconcileReports
from portal_app.storage.marks import FreshnessMarks
from portal_app.storage.mirrors import InvoiceMirrorStore, ServiceMirrorStore
from portal_app.storage.outbox import Outbox
from portal_app.storage.payments import PaymentLinks
from portal_app.storage.redis_link import RedisLink
from portal_app.storage.signups import Signups
from portal_app.storage.users import Users
from portal_app.web.live_tabs import LiveTabs
from portal_app.wiring.building import opened as opened
from portal_app.wiring.events_parts import event_listening as event_listening
from portal_app.wiring.events_parts import event_standing as event_standing
from portal_app.wiring.events_parts import quarantine as quarantine
from portal_app.wiring.events_parts import replay_cursors as replay_cursors
from portal_app.wiring.events_parts import salesforce_events as salesforce_events
from portal_app.wiring.fulfilling_parts import approved_orders as approved_orders
from portal_app.wiring.fulfilling_parts import fulfilment as fulfilment
from portal_app.wiring.fulfilling_parts import fulfilments as fulfilments
from portal_app.wiring.fulfilling_parts import order_reconcile as order_reconcile
from portal_app.wiring.fulfilling_parts import sims as sims
from portal_app.wiring.fulfilling_parts import work as work
from portal_app.wiring.identity_parts import confirming as confirming
from portal_app.wiring.identity_parts import email_change as email_change
from portal_app.wiring.identity_parts import email_change_mails as email_change_mails
from portal_app.wiring.identity_parts import email_writeback as email_writeback
from portal_app.wiring.identity_parts import factor_settings as factor_settings
from portal_app.wiring.identity_parts import password_change as password_change
from portal_app.wiring.identity_parts import profiles as profiles
from portal_app.wiring.identity_parts import second_factor as second_factor
from portal_app.wiring.identity_parts import second_factors as second_factors
from portal_app.wiring.identity_parts import sign_in_challenges as sign_in_challenges
from portal_app.wiring.notices_parts import billing_notices as billing_notices
from portal_app.wiring.notices_parts import billing_reminders as billing_reminders
from portal_app.wiring.notices_parts import notices as notices
from portal_app.wiring.notices_parts import notifications as notifications
from portal_app.wiring.notices_parts import security_notices as security_notices
from portal_app.wiring.ordering_parts import addresses as addresses
from portal_app.wiring.ordering_parts import availability as availability
from portal_app.wiring.ordering_parts import billed_services as billed_services
from portal_app.wiring.ordering_parts import carts as carts
from portal_app.wiring.ordering_parts import checkout as checkout
from portal_app.wiring.ordering_parts import gateways as gateways
from portal_app.wiring.ordering_parts import identity_documents as identity_documents
from portal_app.wiring.ordering_parts import invoice_services as invoice_services
from portal_app.wiring.ordering_parts import last_seen as last_seen
from portal_app.wiring.ordering_parts import order_times as order_times
from portal_app.wiring.ordering_parts import orders as orders
from portal_app.wiring.ordering_parts import pay_methods as pay_methods
from portal_app.wiring.ordering_parts import postal_codes as postal_codes
from portal_app.wiring.ordering_parts import salesforce_changes as salesforce_changes
from portal_app.wiring.ordering_parts import service_book as service_book
from portal_app.wiring.ordering_parts import shopping as shopping
from portal_app.wiring.parts import part
from portal_app.wiring.parts import use as use
from portal_app.wiring.support_parts import case_file_desk as case_file_desk
from portal_app.wiring.support_parts import case_files as case_files
from portal_app.wiring.support_parts import case_posts as case_posts
from portal_app.wiring.support_parts import support as support
from portal_app.wiring.support_parts import support_news as support_news
from portal_app.wiring.support_parts import support_posts as support_posts
from portal_app.workflows.account_check import AccountCheck
from portal_app.workflows.account_mails import AccountMails
from portal_app.workflows.account_writeback import AccountWriteback
from portal_app.workflows.catalog_check import CatalogCheck
from portal_app.workflows.linking import Linking
from portal_app.workflows.recovery import Recovery
from portal_app.workflows.signing_in import SigningIn
from portal_app.workflows.signing_up import SigningUp


def settings() -> Settings:
    """The settings of this process."""
    return part("settings")


def clock() -> Clock:
    """The wall clock."""
    return part("clock")


def database() -> Database:
    """The database engine."""
    return part("database")


def bus() -> Bus:
    """The message bus between pages, doors and worker."""
    return part("bus")


def redis_link() -> RedisLink | None:
    """The line to Redis; None where there is none."""
    return part("redis_link")


def cache() -> Cache:
    """The per-customer cache."""
    return part("cache")


def flash() -> Flash:
    """Short-lived values handed from an HTTP answer to the next page."""
    return part("flash")


def users() -> Users:
    """Portal users and their mapping."""
    return part("users")


def sessions() -> Sessions:
    """Signed-in sessions."""
    return part("sessions")


def passwords() -> Passwords:
    """Password hashing."""
    return part("passwords")


def limits() -> Limits:
    """Rate limits."""
    return part("limits")


def lockout() -> Lockout:
    """Sign-in lockout."""
    return part("lockout")


def devices() -> DeviceCookies:
    """Cookies by which a browser is known again."""
    return part("devices")


def audit() -> Audit:
    """The audit log."""
    return part("audit")


def signing_in() -> SigningIn:
    """The sign-in workflow."""
    return part("signing_in")


def inbox() -> Inbox:
    """Events received from outside."""
    return part("inbox")


def outbox() -> Outbox:
    """Effects to be delivered."""
    return part("outbox")


def marks() -> FreshnessMarks:
    """Freshness of the mirrors."""
    return part("marks")


def invoice_mirror() -> InvoiceMirrorStore:
    """The copy of WHMCS's invoices."""
    return part("invoice_mirror")


def service_mirror() -> ServiceMirrorStore:
    """The copy of WHMCS's services."""
    return part("service_mirror")


def payment_links() -> PaymentLinks:
    """Payments a customer went to WHMCS for."""
    return part("payment_links")


def leader() -> Leader:
    """Leadership among workers."""
    return part("leader")


def job_runs() -> JobRuns:
    """When each job ran."""
    return part("job_runs")


def reconcile_reports() -> ReconcileReports:
    """What reconciling found."""
    return part("reconcile_reports")


def upstreams() -> tuple[Upstream, ...]:
    """Throttle and breaker in front of each outside system; Salesforce has two."""
    return part("upstreams")


def billing() -> Billing:
    """Invoices and payments."""
    return part("billing")


def services() -> Services:
    """Running services."""
    return part("services")


def clients() -> Clients:
    """WHMCS client profiles."""
    return part("clients")


def logins() -> Logins:
    """WHMCS logins, for linking."""
    return part("logins")


def registration() -> Registration:
    """New WHMCS clients."""
    return part("registration")


def salesforce_client() -> SalesforceClient:
    """Salesforce's wire; for looking after it, not for pages."""
    return part("salesforce_client")


def salesforce_fields() -> FieldMap:
    """What this installation calls Salesforce's fields."""
    return part("salesforce_fields")


def accounts() -> Accounts:
    """Salesforce accounts."""
    return part("accounts")


def cases() -> Cases:
    """Questions to the staff."""
    return part("cases")


def catalog() -> PriceBook:
    """What is sold."""
    return part("catalog")


def checks() -> Checks:
    """What staff decide about an account."""
    return part("checks")


def products() -> Products:
    """What WHMCS bills by."""
    return part("products")


def signups() -> Signups:
    """Sign-ups under way."""
    return part("signups")


def email_tokens() -> EmailTokens:
    """Links and codes in mails."""
    return part("email_tokens")


def idempotency_keys() -> IdempotencyKeys:
    """Requests that must not be done twice."""
    return part("idempotency_keys")


def signing_up() -> SigningUp:
    """The sign-up workflow."""
    return part("signing_up")


def linking() -> Linking:
    """The workflow that links an existing billing account."""
    return part("linking")


def recovery() -> Recovery:
    """Forgotten and first passwords."""
    return part("recovery")


def account_mails() -> AccountMails:
    """Decides which mail an address gets."""
    return part("account_mails")


def account_writeback() -> AccountWriteback:
    """Tells Salesforce which billing account is whose."""
    return part("account_writeback")


def account_check() -> AccountCheck:
    """The nightly proof of every mapping."""
    return part("account_check")


def catalog_check() -> CatalogCheck:
    """The daily proof of the catalogue."""
    return part("catalog_check")


def mail_sender() -> MailSender:
    """Hands mail to the SMTP server."""
    return part("mail_sender")


def handover() -> Handover:
    """What HTML answers showed a moment ago, for the sockets that follow."""
    return part("handover")


def live_tabs() -> LiveTabs:
    """Which connected tabs of this process show what."""
    return part("live_tabs")
