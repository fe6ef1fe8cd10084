"""Single sign-on: a token for one visit, and the door that takes it.

The login it makes has no captcha and no second factor, as in reality. Source: WHMCS API reference, CreateSsoToken.
"""

from __future__ import annotations

import re
import secrets

from aiohttp import web

from sandbox.store import Row
from sandbox.whmcs.encode import Reply
from sandbox.whmcs.registry import Call, Refusal, action
from sandbox.whmcs.session import open_session, redirect, render
from sandbox.world import WORLD

LIFETIME_S = 60
DESTINATIONS = {
    "clientarea:profile": "clientarea.php?action=details",
    "clientarea:billing_info": "account/paymentmethods",
    "clientarea:emails": "clientarea.php?action=emails",
    "clientarea:announcements": "announcements",
    "clientarea:downloads": "download",
    "clientarea:knowledgebase": "knowledgebase",
    "clientarea:network_status": "serverstatus.php",
    "clientarea:services": "clientarea.php?action=services",
    "clientarea:product_details": "clientarea.php?action=productdetails&id={service_id}",
    "clientarea:domains": "clientarea.php?action=domains",
    "clientarea:domain_details": "clientarea.php?action=domaindetails&id={domain_id}",
    "clientarea:invoices": "clientarea.php?action=invoices",
    "clientarea:tickets": "supporttickets.php",
    "clientarea:submit_ticket": "submitticket.php",
    "clientarea:shopping_cart": "cart.php",
    "clientarea:shopping_cart_addons": "cart.php?gid=addons",
    "clientarea:shopping_cart_domain_register": "cart.php?a=add&domain=register",
    "clientarea:shopping_cart_domain_transfer": "cart.php?a=add&domain=transfer",
}
RELATIVE = re.compile(r"(?!/)(?!.*\.\.)[A-Za-z0-9_./-]+(\?[A-Za-z0-9_.=&%-]*)?")


@action("CreateSsoToken")
def create_sso_token(call: Call) -> Reply:
    """The host of redirect_url is the one the request came to."""
    client_id, user_id = _who(call)
    path = _destination(call)
    token = secrets.token_hex(20)
    store, expires = call.world.store, call.world.clock.unix() + LIFETIME_S
    store.insert("sso_tokens", token=token, client_id=client_id, user_id=user_id, path=path, expires_at=expires)
    return {"access_token": token, "redirect_url": f"{call.site}/oauth/singlesignon.php?access_token={token}"}


def _who(call: Call) -> tuple[int, int]:
    store, client_id, user_id = call.world.store, call.number("client_id"), call.number("user_id")
    if not client_id and not user_id:
        raise Refusal("A valid client_id or user_id is required")
    if user_id and store.get("users", user_id) is None:
        raise Refusal("Invalid user_id")
    link = "SELECT * FROM user_clients WHERE {} ORDER BY is_owner DESC, client_id, user_id"
    if client_id:
        client = store.get("clients", client_id)
        if client is None:
            raise Refusal("Invalid client_id")
        _allowed(client)
        found = store.row(
            link.format("client_id = ? AND (user_id = ? OR ? = 0 AND is_owner)"), client_id, user_id, user_id
        )
        if found is None:
            raise Refusal("Invalid user_id for client")
        return client_id, found["user_id"]
    found = store.row(link.format("user_id = ?"), user_id)
    return (found["client_id"] if found else 0), user_id


def _allowed(client: Row) -> None:
    if not client["allow_sso"]:
        raise Refusal(f"SSO authentication blocked for client {client['id']}")


def _destination(call: Call) -> str:
    destination = call.text("destination")
    if not destination:
        return "clientarea.php"
    if destination == "sso:custom_redirect":
        path = call.text("sso_redirect_path")
        if not RELATIVE.fullmatch(path):
            raise Refusal("Invalid destination")  # [U] the words for a bad path are not documented
        return path
    if destination not in DESTINATIONS:
        raise Refusal("Invalid destination")
    context = {"service_id": call.number("service_id"), "domain_id": call.number("domain_id")}
    return DESTINATIONS[destination].format(**context)


async def single_sign_on(request: web.Request) -> web.StreamResponse:
    """Spend the token; a used, expired or unknown one ends at the login page."""
    world = request.app[WORLD]
    token = request.query.get("access_token", "")
    spend = "UPDATE sso_tokens SET used = 1 WHERE token = ? AND used = 0 AND expires_at > ?"
    if not world.store.execute(spend, token, world.clock.unix()):
        return render("login.html", request, status=200, reason="Your sign-in link has expired or was already used.")
    row = world.store.row("SELECT * FROM sso_tokens WHERE token = ?", token)
    assert row is not None, "just spent"
    response = redirect(row["path"])
    open_session(world, response, row["client_id"], row["user_id"])
    return response
