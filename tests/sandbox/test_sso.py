"""Single sign-on and the pages behind it."""

from __future__ import annotations

import re

import aiohttp

from sandbox.clock import Clock
from tests.sandbox.visitors import Receiver, Whmcs


async def token(whmcs: Whmcs, path: str = "viewinvoice.php?id=101", client: int = 1001) -> dict:
    return await whmcs("CreateSsoToken", client_id=client, destination="sso:custom_redirect", sso_redirect_path=path)


async def page(session: aiohttp.ClientSession, url: str) -> tuple[int, str]:
    async with session.get(url) as answer:
        return answer.status, await answer.text()


def form_token(text: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', text)
    assert found
    return found.group(1)


async def test_the_token_is_40_hex_and_the_link_keeps_the_host_it_was_asked_at(whmcs: Whmcs) -> None:
    reply = await token(whmcs)
    assert re.fullmatch("[0-9a-f]{40}", reply["access_token"])
    wanted = f"{whmcs.sandbox.whmcs_url}/oauth/singlesignon.php?access_token={reply['access_token']}"
    assert reply["redirect_url"] == wanted


async def test_a_token_opens_the_invoice_once(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    link = (await token(whmcs))["redirect_url"]
    status, text = await page(session, link)
    assert status == 200 and "Invoice #" in text and "Hanako Yamada" in text
    session.cookie_jar.clear()
    _, again = await page(session, link)
    assert "<h1>Login</h1>" in again and "already used" in again


async def test_a_token_dies_after_sixty_seconds(whmcs: Whmcs, session: aiohttp.ClientSession, clock: Clock) -> None:
    young, old = await token(whmcs), await token(whmcs)
    clock.advance(59)
    assert "Invoice #" in (await page(session, young["redirect_url"]))[1]
    session.cookie_jar.clear()
    clock.advance(2)
    assert "<h1>Login</h1>" in (await page(session, old["redirect_url"]))[1]


async def test_without_a_session_there_is_only_the_login_page(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    for path in ("viewinvoice.php?id=101", "clientarea.php", "account/paymentmethods", "dl.php?type=i&id=101"):
        assert "<h1>Login</h1>" in (await page(session, f"{whmcs.sandbox.whmcs_url}/{path}"))[1]


async def test_another_customers_invoice_and_a_draft_do_not_exist(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    await page(session, (await token(whmcs))["redirect_url"])
    foreign = (await whmcs("GetInvoices", userid=1002))["invoices"]["invoice"][0]["id"]
    draft = (await whmcs("GetInvoices", userid=1001, status="Draft"))["invoices"]["invoice"][0]["id"]
    for invoice in (foreign, draft, 999999, "x"):
        status, _ = await page(session, f"{whmcs.sandbox.whmcs_url}/viewinvoice.php?id={invoice}")
        assert status == 404


async def test_the_pay_button_pays_and_announces(
    whmcs: Whmcs, session: aiohttp.ClientSession, receiver: Receiver
) -> None:
    unpaid = (await whmcs("GetInvoices", userid=1002, status="Unpaid"))["invoices"]["invoice"][0]["id"]
    _, text = await page(session, (await token(whmcs, f"viewinvoice.php?id={unpaid}", 1002))["redirect_url"])
    url = f"{whmcs.sandbox.whmcs_url}/viewinvoice.php?id={unpaid}"
    async with session.post(url, data={"token": form_token(text)}) as answer:
        paid = await answer.text()
    assert ">Paid</span>" in paid and "Pay now" not in paid
    assert await receiver.events(2) == ["AddInvoicePayment", "InvoicePaid"]
    assert (await whmcs("GetInvoice", invoiceid=unpaid))["balance"] == "0.00"


async def test_a_form_without_its_token_is_refused(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    await page(session, (await token(whmcs))["redirect_url"])
    async with session.post(f"{whmcs.sandbox.whmcs_url}/viewinvoice.php?id=101", data={"token": "x"}) as answer:
        assert answer.status == 403


async def test_a_card_is_added_by_brand_and_digits_and_announced_with_the_client_alone(
    whmcs: Whmcs, session: aiohttp.ClientSession, receiver: Receiver
) -> None:
    link = await whmcs("CreateSsoToken", client_id=1005, destination="clientarea:billing_info")
    _, text = await page(session, link["redirect_url"])
    card = {"token": form_token(text), "brand": "JCB", "last_four": "3530", "month": "09", "year": "2029"}
    await session.post(f"{whmcs.sandbox.whmcs_url}/account/paymentmethods", data=card)
    [added] = (await whmcs("GetPayMethods", clientid=1005))["paymethods"]
    assert (added["card_type"], added["card_last_four"], added["expiry_date"]) == ("JCB", "3530", "09/29")
    remove = {"token": card["token"], "remove": str(added["id"])}
    await session.post(f"{whmcs.sandbox.whmcs_url}/account/paymentmethods", data=remove)
    assert (await whmcs("GetPayMethods", clientid=1005))["paymethods"] == []
    assert await receiver.events(2) == ["CCUpdate", "CCUpdate"]
    assert receiver.bodies()[0]["params"] == {"userid": 1005}


async def test_bad_destinations_and_people_are_refused_in_their_words(whmcs: Whmcs) -> None:
    async def message(**params: object) -> str:
        return (await whmcs("CreateSsoToken", **params))["message"]

    assert await message() == "A valid client_id or user_id is required"
    assert await message(client_id=5) == "Invalid client_id"
    assert await message(user_id=5) == "Invalid user_id"
    assert await message(client_id=1001, user_id=70002) == "Invalid user_id for client"
    assert await message(client_id=1001, destination="clientarea:nowhere") == "Invalid destination"
    assert await message(client_id=1010) == "SSO authentication blocked for client 1010"


async def test_a_custom_redirect_must_be_a_relative_path(whmcs: Whmcs) -> None:
    for path in ("", "/etc/passwd", "//evil.example/", "https://evil.example/", "../x", "a b", "x\ny"):
        assert (await token(whmcs, path))["result"] == "error"


async def test_two_factor_does_not_stop_single_sign_on(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    link = await whmcs("CreateSsoToken", client_id=1004, destination="clientarea:invoices")
    assert "My invoices" in (await page(session, link["redirect_url"]))[1]


async def test_hostile_names_are_shown_as_text(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    link = await whmcs("CreateSsoToken", client_id=1006, destination="clientarea:services")
    _, text = await page(session, link["redirect_url"])
    assert "<script>alert" not in text and "&lt;b&gt;Robert" in text


async def test_the_pdf_is_a_pdf(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    async with session.get((await token(whmcs, "dl.php?type=i&id=101"))["redirect_url"]) as answer:
        body = await answer.read()
    assert answer.content_type == "application/pdf" and body.startswith(b"%PDF-") and body.endswith(b"%%EOF\n")
