"""The address form at its door: whose it is, once however often it is sent, every bad field beside itself."""

import json

import pytest

from portal_app import routes, wiring
from portal_app.domain.postal import sample_table
from portal_app.errors import Busy, UpstreamOutcomeUnknown, UpstreamRejected, UpstreamUnavailable
from portal_app.storage.idempotency import IdempotencyKeys
from tests.fakes.address_book import FakeAddressBook
from tests.fakes.doors import OWNER, PASSWORD

FORM = {
    "postal_code": "150-0001",
    "prefecture": "Tokyo",
    "block": "1-2-3",
    "dwelling": "apartment",
    "building": "さくらハイツ",
    "building_roman": "Sakura Heights",
    "room": "101",
    "idempotency_key": "key-of-the-tests-1",
}
JSON = {"accept": "application/json", "content-type": "application/json"}


@pytest.fixture
def book():
    return FakeAddressBook()


@pytest.fixture
def app(app, doors, book):
    keys = IdempotencyKeys(doors.db, doors.cipher, doors.index, doors.clock)
    with wiring.use(addresses=book, postal_codes=sample_table(), idempotency_keys=keys):
        yield app


@pytest.fixture
async def signed_in(browser, doors):
    await doors.a_user()
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    return browser


async def told(answer, doors) -> dict[str, str]:
    return await doors.flash.take(answer.cookies["portal_flash"])


async def as_json(browser, **changed: str):
    fields = {name: value for name, value in (FORM | changed).items() if name != "idempotency_key"}
    headers = JSON | {"idempotency-key": changed.pop("key", FORM["idempotency_key"])}
    return await browser.post(routes.API_ADDRESS, content=json.dumps(fields), headers=headers)


async def test_a_good_form_is_saved_in_both_scripts_and_leads_back(signed_in, doors, book):
    answer = await signed_in.post(routes.API_ADDRESS, data=FORM | {"returnTo": "/checkout/internet"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/checkout/internet")
    assert await told(answer, doors) == {"notice": "address.saved"}
    (saved,) = book.saved
    assert (saved.roman.address1, saved.roman.address2) == ("1-2-3 Jingumae", "Sakura Heights 101")
    assert (saved.japanese.town, saved.japanese.building) == ("神宮前", "さくらハイツ")


async def test_without_a_place_to_return_to_it_leads_to_the_account(signed_in):
    answer = await signed_in.post(routes.API_ADDRESS, data=FORM)
    assert answer.headers["location"] == routes.ACCOUNT


@pytest.mark.parametrize("elsewhere", ["//evil.example", "javascript:alert(1)", "https://evil.example/", "/\\evil"])
async def test_row_107_nobody_is_sent_elsewhere(signed_in, elsewhere):
    answer = await signed_in.post(routes.API_ADDRESS, data=FORM | {"returnTo": elsewhere})
    assert answer.headers["location"] == routes.DASHBOARD
    answer = await signed_in.post(routes.API_ADDRESS, data=FORM | {"returnTo": elsewhere, "block": ""})
    assert answer.headers["location"] == f"{routes.ADDRESS}?returnTo={routes.DASHBOARD}"


async def test_the_browsers_roman_spelling_and_unknown_fields_are_not_looked_at(signed_in, book):
    more = {"city_roman": "Minato-ku", "town_roman": "Roppongi", "country": "US", "address1": "9 Evil", "user_id": "2"}
    await signed_in.post(routes.API_ADDRESS, data=FORM | more)
    (saved,) = book.saved
    assert (saved.roman.city, saved.roman.address1, saved.roman.country) == ("Shibuya-ku", "1-2-3 Jingumae", "JP")


async def test_every_bad_field_stands_beside_itself_and_what_was_typed_stays(signed_in, doors, book):
    bad = FORM | {"prefecture": "Osaka", "block": "no", "room": "", "returnTo": "/checkout/internet"}
    answer = await signed_in.post(routes.API_ADDRESS, data=bad)
    assert answer.headers["location"] == f"{routes.ADDRESS}?returnTo=/checkout/internet"
    kept = await told(answer, doors)
    assert {name: key for name, key in kept.items() if name.startswith("field.")} == {
        "field.prefecture": "address.prefecture_mismatch",
        "field.block": "address.block_invalid",
        "field.room": "address.room_missing",
    }
    assert (kept["value.building"], kept["value.block"]) == ("さくらハイツ", "no")
    assert "value.idempotency_key" not in kept
    assert book.saved == []


async def test_a_program_gets_a_document_for_both_ends(signed_in, book):
    answer = await as_json(signed_in)
    assert (answer.status_code, answer.json()) == (200, {"status": "saved"})
    refused = await as_json(signed_in, block="", key="key-of-the-tests-2")
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("block", "address.block_missing")]
    assert len(book.saved) == 1


async def test_k4_the_same_form_sent_again_is_saved_once(signed_in, book):
    first = await signed_in.post(routes.API_ADDRESS, data=FORM)
    again = await signed_in.post(routes.API_ADDRESS, data=FORM)
    assert (first.headers["location"], again.headers["location"]) == (routes.ACCOUNT, routes.ACCOUNT)
    assert again.headers["idempotency-replayed"] == "true"
    assert len(book.saved) == 1


async def test_k5_the_same_key_with_another_address_is_refused(signed_in, book):
    await as_json(signed_in)
    other = await as_json(signed_in, room="102")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert len(book.saved) == 1


@pytest.mark.parametrize(("key", "code"), [("", "missing"), ("short", "malformed"), ("k" * 256, "malformed")])
async def test_k1_row_96_without_a_key_of_the_right_form_nothing_is_saved(signed_in, book, key, code):
    fields = {name: value for name, value in FORM.items() if name != "idempotency_key"}
    headers = JSON | ({"idempotency-key": key} if key else {})
    answer = await signed_in.post(routes.API_ADDRESS, content=json.dumps(fields), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, f"idempotency-key-{code}")
    assert book.saved == []


async def test_k7_a_refused_form_may_be_corrected_under_its_key(signed_in, book):
    assert (await as_json(signed_in, block="")).status_code == 422
    book.failure = UpstreamUnavailable("whmcs", "UpdateClient")
    assert (await as_json(signed_in)).status_code == 503
    book.failure = None
    assert (await as_json(signed_in)).status_code == 200


async def test_a_lost_answer_says_being_confirmed_and_not_that_it_failed(signed_in, doors, book):
    book.failure = UpstreamOutcomeUnknown("whmcs", "UpdateClient")
    answer = await signed_in.post(routes.API_ADDRESS, data=FORM | {"returnTo": "/checkout/sim"})
    assert answer.headers["location"] == "/checkout/sim"
    assert await told(answer, doors) == {"notice": "address.being_confirmed"}
    program = await as_json(signed_in, key="key-of-the-tests-2")
    assert (program.status_code, program.json()["code"]) == (202, "being-confirmed")


@pytest.mark.parametrize(
    ("failure", "status", "key"),
    [
        (UpstreamUnavailable("whmcs", "UpdateClient"), 503, "problem.unavailable"),
        (UpstreamRejected("whmcs", "UpdateClient", "custom_field_missing"), 502, "problem.unavailable"),
        (Busy("whmcs"), 503, "problem.busy"),
    ],
)
async def test_what_whmcs_does_not_take_is_told_on_the_form(signed_in, doors, book, failure, status, key):
    book.failure = failure
    answer = await signed_in.post(routes.API_ADDRESS, data=FORM)
    assert answer.headers["location"] == routes.ADDRESS
    kept = await told(answer, doors)
    assert (kept["error"], kept["value.building"]) == (key, "さくらハイツ")
    assert (await as_json(signed_in, key="key-of-the-tests-2")).status_code == status


async def test_without_a_session_nothing_is_looked_at(browser, book):
    assert (await as_json(browser)).status_code == 401
    form = await browser.post(routes.API_ADDRESS, data=FORM)
    assert form.headers["location"] == routes.ADDRESS, "a private page: Edge asks to sign in"
    assert book.saved == []


async def test_a_user_without_billing_account_is_told_to_link_it(browser, doors, book):
    await doors.users.create("new@example.com", await doors.passwords.hash(PASSWORD))
    await browser.post(routes.API_LOGIN, data={"email": "new@example.com", "password": PASSWORD})
    assert (await as_json(browser)).status_code == 409
    answer = await browser.post(routes.API_ADDRESS, data=FORM)
    assert (await told(answer, doors))["error"] == "checkout.link"
    assert book.saved == []


async def test_l5_the_twenty_first_change_in_an_hour_is_refused_and_repeats_are_free(signed_in, book):
    for n in range(20):
        await as_json(signed_in, room=str(n), key=f"key-of-the-tests-{n:03}")
    await as_json(signed_in, room="0", key="key-of-the-tests-000")
    assert len(book.saved) == 20
    refused = await as_json(signed_in, room="99", key="key-of-the-tests-099")
    assert refused.status_code == 429
    assert len(book.saved) == 20


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_s14_another_site_cannot_move_anybody(signed_in, book, headers):
    del signed_in.headers["origin"]
    assert (await signed_in.post(routes.API_ADDRESS, data=FORM, headers=headers)).status_code == 403
    assert book.saved == []


async def test_rows_97_to_101_what_is_no_form_is_refused_before_anything(signed_in, book):
    url = routes.API_ADDRESS
    answers = [
        await signed_in.post(url, content=b"x", headers={"content-type": "text/plain"}),
        await signed_in.post(url, data=FORM | {"block": "1" * 200_000}),
        await signed_in.post(url, content=b'{"block": 1}', headers=JSON),
        await signed_in.post(url, content=b'{"block": "1", "block": "2"}', headers=JSON),
        await signed_in.get(url),
    ]
    assert [a.status_code for a in answers] == [415, 413, 400, 400, 405]
    assert book.saved == []


@pytest.mark.parametrize("field", ["returnTo", "block", "idempotency_key"])
async def test_row_27_half_a_letter_is_no_bug_of_ours(signed_in, book, field):
    body = json.dumps({name: value for name, value in FORM.items() if name != "idempotency_key"} | {field: "/x"})
    headers = JSON | {"idempotency-key": FORM["idempotency_key"]}
    body = body.replace('"/x"', '"/x\\ud800"').replace("150-0001", "999")
    assert (await signed_in.post(routes.API_ADDRESS, content=body, headers=headers)).status_code in (400, 422)
    assert book.saved == []
