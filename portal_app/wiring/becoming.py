"""Becoming a customer, and getting back in: the stores, the workflows over all systems, and what delivers for them."""

from contextlib import AsyncExitStack

from portal_app.settings import Settings
from portal_app.storage.email_tokens import EmailTokens
from portal_app.storage.idempotency import IdempotencyKeys
from portal_app.storage.signups import Signups
from portal_app.wiring.parts import Parts
from portal_app.workflows.account_check import AccountCheck
from portal_app.workflows.account_mails import AccountMails
from portal_app.workflows.account_writeback import AccountWriteback
from portal_app.workflows.catalog_check import CatalogCheck
from portal_app.workflows.linking import Linking
from portal_app.workflows.recovery import Recovery
from portal_app.workflows.signing_up import SigningUp


def build(chosen: Settings, parts: Parts, stack: AsyncExitStack) -> Parts:
    """Needs every room before it."""
    kept = parts["database"], parts["cipher"], parts["index"], parts["clock"]
    stores: Parts = {
        "signups": Signups(*kept),
        "email_tokens": EmailTokens(*kept),
        "idempotency_keys": IdempotencyKeys(*kept),
    }
    made: Parts = stores | _workflows(parts, stores)
    stack.push_async_callback(made["signing_up"].stop)
    return made | _deliveries(parts, stores)


def _workflows(parts: Parts, stores: Parts) -> Parts:
    common = {name: parts[name] for name in ("users", "outbox", "index", "bus", "audit", "clock")}
    common |= {"db": parts["database"], "tokens": stores["email_tokens"]}
    guards = {name: parts[name] for name in ("sessions", "limits")}
    return {
        "signing_up": SigningUp(
            signups=stores["signups"],
            idempotency=stores["idempotency_keys"],
            accounts=parts["accounts"],
            cases=parts["cases"],
            registration=parts["registration"],
            passwords=parts["passwords"],
            cache=parts["cache"],
            **guards,
            **common,
        ),
        "linking": Linking(
            logins=parts["logins"],
            accounts=parts["accounts"],
            lockout=parts["lockout"],
            devices=parts["devices"],
            cache=parts["cache"],
            **guards,
            **common,
        ),
        "recovery": Recovery(
            passwords=parts["passwords"],
            factors=parts["second_factors"],
            lockout=parts["lockout"],
            **guards,
            **common,
        ),
    }


def _deliveries(parts: Parts, stores: Parts) -> Parts:
    """What the worker calls."""
    users, accounts, outbox, db = parts["users"], parts["accounts"], parts["outbox"], parts["database"]
    signups, bus, clock = stores["signups"], parts["bus"], parts["clock"]
    return {
        "account_mails": AccountMails(
            signups=signups,
            tokens=stores["email_tokens"],
            users=users,
            registration=parts["registration"],
            outbox=outbox,
            db=db,
            bus=bus,
            audit=parts["audit"],
            clock=clock,
        ),
        "account_writeback": AccountWriteback(accounts),
        "catalog_check": CatalogCheck(parts["catalog"], parts["products"], parts["reconcile_reports"], parts["clock"]),
        "account_check": AccountCheck(
            users=users,
            logins=parts["logins"],
            accounts=accounts,
            signups=signups,
            outbox=outbox,
            db=db,
            reports=parts["reconcile_reports"],
            bus=bus,
            clock=clock,
        ),
    }
