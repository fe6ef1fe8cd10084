"""Credentials, response types, bodies and refusals of includes/api.php."""

from __future__ import annotations

from xml.etree import ElementTree

import aiohttp
import pytest

from tests.sandbox.visitors import CREDENTIALS, Console, Whmcs


async def test_an_unknown_identifier_is_403_with_its_own_words(whmcs: Whmcs) -> None:
    reply = await whmcs("WhmcsDetails", identifier="x" * 32)
    assert (whmcs.status, reply["message"]) == (403, "Invalid or missing credentials")


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_a_wrong_or_missing_secret_is_403_authentication_failed(whmcs: Whmcs, secret: str) -> None:
    reply = await whmcs("WhmcsDetails", secret=secret)
    assert (whmcs.status, reply["message"]) == (403, "Authentication Failed")


async def test_the_pair_is_also_accepted_as_username_and_password(whmcs: Whmcs) -> None:
    pair = {"username": CREDENTIALS["identifier"], "password": CREDENTIALS["secret"]}
    body = await whmcs.raw(pair | {"action": "whmcsdetails", "responsetype": "json"})
    assert '"result":"success"' in body


async def test_a_missing_action_is_400(whmcs: Whmcs) -> None:
    reply = await whmcs("")
    assert (whmcs.status, reply["message"]) == (400, "Empty action request")


async def test_an_unknown_action_reads_as_a_permission_error(whmcs: Whmcs) -> None:
    reply = await whmcs("GetClientsDomainsSDA")
    assert whmcs.status == 403
    assert reply["message"] == 'Invalid Permissions: API action "getclientsdomainssda" is not allowed'


async def test_a_denied_action_is_refused_in_the_same_words(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"denied_actions": ["GetPayMethods"]})
    reply = await whmcs("GetPayMethods", clientid=1001)
    assert (whmcs.status, reply["message"]) == (
        403,
        'Invalid Permissions: API action "getpaymethods" is not allowed',
    )


async def test_the_ip_allowlist_names_the_address_and_an_access_key_passes_it(whmcs: Whmcs, console: Console) -> None:
    await console("POST", "profile", {"allowed_ips": ["203.0.113.7"], "access_key": "let-me-in"})
    assert (await whmcs("WhmcsDetails"))["message"] == "Invalid IP 127.0.0.1"
    assert whmcs.status == 403
    assert (await whmcs("WhmcsDetails", accesskey="let-me-in"))["result"] == "success"


async def test_actions_are_case_insensitive(whmcs: Whmcs) -> None:
    assert (await whmcs("gEtInVoIcE", invoiceid=101))["invoiceid"] == 101


async def test_a_business_error_is_http_200(whmcs: Whmcs) -> None:
    reply = await whmcs("GetInvoice", invoiceid=999999)
    assert (whmcs.status, reply) == (200, {"result": "error", "message": "Invoice ID Not Found"})


async def test_without_responsetype_the_answer_is_nvp_text(whmcs: Whmcs) -> None:
    body = await whmcs.raw(CREDENTIALS | {"action": "GetInvoice", "invoiceid": 0})
    assert (body, whmcs.content_type) == ("result=error;message=Invoice ID Not Found;", "text/html")


async def test_xml_has_the_documented_root_and_echoes_the_action_in_lower_case(whmcs: Whmcs) -> None:
    fields = CREDENTIALS | {"action": "GetInvoice", "invoiceid": 101, "responsetype": "xml"}
    root = ElementTree.fromstring(await whmcs.raw(fields))
    assert (root.tag, root.findtext("action"), root.findtext("result")) == ("whmcsapi", "getinvoice", "success")
    assert len(root.findall("items/item")) == 3


async def test_hostile_text_survives_xml(whmcs: Whmcs) -> None:
    fields = CREDENTIALS | {"action": "GetClientsDetails", "clientid": 1006, "responsetype": "xml"}
    root = ElementTree.fromstring(await whmcs.raw(fields))
    assert root.findtext("client/firstname") == "<b>Robert</b>"


async def test_only_post_reaches_the_api(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    async with session.get(f"{whmcs.sandbox.whmcs_url}/includes/api.php") as answer:
        assert answer.status == 405


async def test_a_json_body_carries_no_parameters(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    url = f"{whmcs.sandbox.whmcs_url}/includes/api.php"
    async with session.post(url, json=CREDENTIALS | {"action": "WhmcsDetails"}) as answer:
        assert (answer.status, await answer.text()) == (403, "result=error;message=Authentication Failed;")


async def test_multipart_bodies_are_accepted(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in (CREDENTIALS | {"action": "WhmcsDetails", "responsetype": "json"}).items():
        form.add_field(name, value)
    async with session.post(f"{whmcs.sandbox.whmcs_url}/includes/api.php", data=form) as answer:
        assert (await answer.json())["whmcs"]["version"] == "8.13.1"


async def test_of_repeated_scalar_keys_the_last_one_counts(whmcs: Whmcs, session: aiohttp.ClientSession) -> None:
    fields = [*CREDENTIALS.items(), ("action", "GetInvoice"), ("responsetype", "json")]
    fields += [("invoiceid", "101"), ("invoiceid", "102")]
    async with session.post(f"{whmcs.sandbox.whmcs_url}/includes/api.php", data=fields) as answer:
        assert (await answer.json())["invoiceid"] == 102


async def test_json_is_plain_ascii_with_escaped_slashes(whmcs: Whmcs) -> None:
    body = await whmcs.raw(CREDENTIALS | {"action": "GetClientsDetails", "clientid": 1002, "responsetype": "json"})
    assert body.isascii() and "\\u5065\\u4e00" in body and whmcs.content_type == "application/json"
