"""The client area a customer sees after single sign-on: invoices, paying one, services, payment methods."""

from __future__ import annotations

import hmac
import re

from aiohttp import web

from sandbox.store import Row
from sandbox.whmcs import ledger, paymethods
from sandbox.whmcs.pdf import invoice_pdf
from sandbox.whmcs.session import COOKIE, ROOT, redirect, render, visitor
from sandbox.world import WORLD

ROUTES = web.RouteTableDef()
BRANDS = ("Visa", "MasterCard", "JCB", "American Express")
LOGIN_REASON = "Please sign in to continue."


def _own_invoice(request: web.Request, guest: Row) -> Row:
    """The customer's own invoice; anyone else's, an unknown one and a draft do not exist."""
    wanted = request.query.get("id", "")
    found = request.app[WORLD].store.get("invoices", int(wanted)) if re.fullmatch(r"\d{1,15}", wanted) else None
    if found is None or found["client_id"] != guest["client_id"] or found["status"] == "Draft":
        raise web.HTTPNotFound(text="Invoice ID Not Found")
    return found


@ROUTES.get("/whmcs/viewinvoice.php")
async def view_invoice(request: web.Request) -> web.StreamResponse:
    guest, world = visitor(request), request.app[WORLD]
    if guest is None:
        return render("login.html", request, reason=LOGIN_REASON)
    invoice = _own_invoice(request, guest)
    items = world.store.rows("SELECT * FROM invoice_items WHERE invoice_id = ? ORDER BY id", invoice["id"])
    paid = world.store.rows("SELECT * FROM transactions WHERE invoice_id = ? ORDER BY id", invoice["id"])
    client = world.store.get("clients", guest["client_id"])
    left = ledger.balance(world.store, invoice) if invoice["status"] in ledger.PAYABLE else 0
    overdue = invoice["status"] == "Unpaid" and "0000" < invoice["duedate"] < world.clock.today().isoformat()
    cards = paymethods.stored(world, guest["client_id"])
    return render(
        "viewinvoice.html",
        request,
        invoice=invoice,
        items=items,
        transactions=paid,
        client=client,
        left=left,
        overdue=overdue,
        cards=cards,
        payable=invoice["status"] in ledger.PAYABLE and left > 0,
        state=_state(request.query.get("payment", "")),
    )


def _state(text: str) -> str:
    return text if text in ("success", "refused") else ""


@ROUTES.post("/whmcs/viewinvoice.php")
async def pay_invoice(request: web.Request) -> web.StreamResponse:
    """The Pay button. The balance is taken in full, then both hooks are on their way."""
    guest = visitor(request)
    if guest is None:
        return render("login.html", request, reason=LOGIN_REASON)
    await _check_form(request, guest)
    invoice = _own_invoice(request, guest)
    world = request.app[WORLD]
    payable = invoice["status"] in ledger.PAYABLE and ledger.balance(world.store, invoice) > 0
    if payable:
        ledger.pay(world, invoice["id"])
    return redirect(f"viewinvoice.php?id={invoice['id']}&payment={'success' if payable else 'refused'}")


@ROUTES.get("/whmcs/dl.php")
async def download(request: web.Request) -> web.StreamResponse:
    guest = visitor(request)
    if guest is None:
        return render("login.html", request, reason=LOGIN_REASON)
    invoice = _own_invoice(request, guest)
    world = request.app[WORLD]
    items = world.store.rows("SELECT * FROM invoice_items WHERE invoice_id = ? ORDER BY id", invoice["id"])
    headers = {"Content-Disposition": f'attachment; filename="Invoice-{invoice["invoicenum"] or invoice["id"]}.pdf"'}
    left = ledger.balance(world.store, invoice)
    return web.Response(body=invoice_pdf(invoice, items, guest, left), content_type="application/pdf", headers=headers)


@ROUTES.get("/whmcs/clientarea.php")
async def client_area(request: web.Request) -> web.StreamResponse:
    guest, world = visitor(request), request.app[WORLD]
    if guest is None:
        return render("login.html", request, reason=LOGIN_REASON)
    invoices = world.store.rows(
        "SELECT * FROM invoices WHERE client_id = ? AND status <> 'Draft' ORDER BY id DESC", guest["client_id"]
    )
    services = world.store.rows(
        """SELECT s.*, p.name FROM services s JOIN products p ON p.id = s.product_id
           WHERE s.client_id = ? ORDER BY s.id DESC""",
        guest["client_id"],
    )
    today = world.clock.today().isoformat()
    action = request.query.get("action", "home")
    return render("clientarea.html", request, invoices=invoices, services=services, action=action, today=today)


@ROUTES.get("/whmcs/account/paymentmethods")
async def payment_methods(request: web.Request) -> web.StreamResponse:
    guest = visitor(request)
    if guest is None:
        return render("login.html", request, reason=LOGIN_REASON)
    cards = paymethods.stored(request.app[WORLD], guest["client_id"])
    year = request.app[WORLD].clock.today().year
    return render("paymentmethods.html", request, cards=cards, brands=BRANDS, years=range(year, year + 8))


@ROUTES.post("/whmcs/account/paymentmethods")
async def change_payment_methods(request: web.Request) -> web.StreamResponse:
    """Add a pretended card by brand and last four digits, or remove one. No card number is ever asked for."""
    guest, world = visitor(request), request.app[WORLD]
    if guest is None:
        return render("login.html", request, reason=LOGIN_REASON)
    form = await _check_form(request, guest)
    if form.get("remove", "").isdigit():
        paymethods.remove(world, guest["client_id"], int(form["remove"]))
        return redirect("account/paymentmethods")
    valid = form.get("brand") in BRANDS and re.fullmatch(r"\d{4}", form.get("last_four", ""))
    expiry = f"{form.get('month', '')}/{form.get('year', '')[-2:]}"
    if not valid or not re.fullmatch(r"(0[1-9]|1[0-2])/\d\d", expiry):
        raise web.HTTPBadRequest(text="A brand, four digits and an expiry date are needed.")
    paymethods.add_card(world, guest["client_id"], form["brand"], form["last_four"], expiry)
    return redirect("account/paymentmethods")


@ROUTES.get("/whmcs/index.php")
async def by_route_path(request: web.Request) -> web.StreamResponse:
    """Without friendly URLs WHMCS writes index.php?rp=/account/paymentmethods."""
    known = request.query.get("rp", "").strip("/") == "account/paymentmethods"
    return redirect("account/paymentmethods" if known else "clientarea.php")


@ROUTES.get("/whmcs/logout.php")
async def sign_out(request: web.Request) -> web.StreamResponse:
    request.app[WORLD].store.execute("DELETE FROM web_sessions WHERE session = ?", request.cookies.get(COOKIE, ""))
    response = render("login.html", request, reason="You have been signed out.")
    response.del_cookie(COOKIE, path=ROOT)
    return response


@ROUTES.get("/whmcs/")
@ROUTES.get("/whmcs/{page:(?!includes/)[A-Za-z0-9_/.-]+}")
async def other_page(request: web.Request) -> web.StreamResponse:
    """Destinations of single sign-on that this stand-in does not draw."""
    if visitor(request) is None:
        return render("login.html", request, reason=LOGIN_REASON)
    return render("other.html", request, page=request.match_info.get("page", "home"))


async def _check_form(request: web.Request, guest: Row) -> dict[str, str]:
    """The fields of a form that carries the session's token."""
    fields = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    if not hmac.compare_digest(fields.get("token", "").encode(), guest["form_token"].encode()):
        raise web.HTTPForbidden(text="Invalid or missing form token")
    return fields
