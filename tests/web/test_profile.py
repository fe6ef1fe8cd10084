"""The profile form at its door: whose it is, once however often it is sent, every bad field beside itself."""

import json

import pytest

from portal_app import routes, wiring
from portal_app.errors import Busy, UpstreamOutcomeUnknown, UpstreamUnavailable
from portal_app.storage.idempotency import IdempotencyKeys
from tests.fakes.doors import OWNER, PASSWORD

FORM = {
    "phone": "090-1234-5678",
    "birth_date": "1990-05-17",
    "gender": "W",
    "company": "ハーバー株式会社",
    "language": "ja",
    "marketing": "on",
    "idempotency_key": "key-of-the-tests-1",
}
JSON = {"accept": "application/json", "content-type": "application/json"}


class FakeProfiles:
    """Keeps what was saved and for whom; `failure` is raised instead."""

    def __init__(self):
        self.failure, self.saved = None, []

    async def change(self, customer, change):
        if self.failure:
            raise self.failure
        self.saved.append((customer.user_id, change))


@pytest.fixture
def profiles():
    return FakeProfiles()


@pytest.fixture
def app(app, doors, profiles):
    keys = IdempotencyKeys(doors.db, doors.cipher, doors.index, doors.clock)
    with wiring.use(profiles=profiles, idempotency_keys=keys):
        yield app


@pytest.fixture
async def signed_in(browser, doors):
    await doors.a_user()
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD})
    return browser


async def told(answer, doors) -> dict[str, str]:
    return await doors.flash.take(answer.cookies["portal_flash"])


async def as_json(browser, **changed: str):
    key = changed.pop("key", FORM["idempotency_key"])
    fields = {name: value for name, value in (FORM | changed).items() if name != "idempotency_key"}
    return await browser.post(routes.API_PROFILE, content=json.dumps(fields), headers=JSON | {"idempotency-key": key})


async def test_a_good_form_is_saved_and_the_page_comes_back_in_the_chosen_language(signed_in, doors, profiles):
    answer = await signed_in.post(routes.API_PROFILE, data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.PROFILE)
    assert answer.cookies["portal_locale"] == "ja"
    assert await told(answer, doors) == {"notice": "profile.saved"}
    ((_, saved),) = profiles.saved
    assert (saved.phone, saved.company, saved.marketing) == ("+819012345678", "ハーバー株式会社", True)


async def test_o5_name_customer_number_and_mail_cannot_be_sent_along(signed_in, profiles):
    more = {"last_name": "Evil", "customer_number": "C-1", "email": "evil@example.com", "user_id": "2", "keeps": "x"}
    await signed_in.post(routes.API_PROFILE, data=FORM | more)
    ((_, saved),) = profiles.saved
    assert set(saved.__slots__) == {"phone", "birth_date", "gender", "company", "language", "marketing"}


async def test_every_bad_field_stands_beside_itself_and_what_was_typed_stays(signed_in, doors, profiles):
    answer = await signed_in.post(routes.API_PROFILE, data=FORM | {"phone": "12", "birth_date": "2020-01-01"})
    kept = await told(answer, doors)
    assert {name: key for name, key in kept.items() if name.startswith("field.")} == {
        "field.phone": "signup.phone_invalid",
        "field.birth_date": "signup.too_young",
    }
    assert (kept["value.phone"], kept["value.company"]) == ("12", "ハーバー株式会社")
    assert "value.idempotency_key" not in kept
    assert profiles.saved == []


async def test_a_program_gets_a_document_for_both_ends(signed_in, profiles):
    answer = await as_json(signed_in)
    assert (answer.status_code, answer.json()) == (200, {"status": "saved"})
    refused = await as_json(signed_in, phone="", key="key-of-the-tests-2")
    assert [(e["field"], e["code"]) for e in refused.json()["errors"]] == [("phone", "signup.phone_missing")]
    assert len(profiles.saved) == 1


async def test_k4_the_same_form_sent_again_is_saved_once(signed_in, profiles):
    await signed_in.post(routes.API_PROFILE, data=FORM)
    again = await signed_in.post(routes.API_PROFILE, data=FORM)
    assert again.headers["idempotency-replayed"] == "true"
    assert len(profiles.saved) == 1


async def test_k1_without_a_key_nothing_is_saved(signed_in, profiles):
    answer = await as_json(signed_in, key="")
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    assert profiles.saved == []


async def test_a_lost_answer_says_being_confirmed_and_not_that_it_failed(signed_in, doors, profiles):
    profiles.failure = UpstreamOutcomeUnknown("whmcs", "UpdateClient")
    assert await told(await signed_in.post(routes.API_PROFILE, data=FORM), doors) == {
        "notice": "profile.being_confirmed"
    }
    assert (await as_json(signed_in, key="key-of-the-tests-2")).status_code == 202


@pytest.mark.parametrize(
    ("failure", "key"),
    [(UpstreamUnavailable("whmcs", "UpdateClient"), "problem.unavailable"), (Busy("whmcs"), "problem.busy")],
)
async def test_what_whmcs_does_not_take_is_told_on_the_form(signed_in, doors, profiles, failure, key):
    profiles.failure = failure
    kept = await told(await signed_in.post(routes.API_PROFILE, data=FORM), doors)
    assert (kept["error"], kept["value.phone"]) == (key, "090-1234-5678")


async def test_o6_a_visitor_changes_nobody_and_everybody_only_themselves(browser, doors, profiles):
    assert (await as_json(browser)).status_code == 401
    mine, other = await doors.a_user(), await doors.a_user("other@example.com", whmcs_client_id=8)
    await browser.post(routes.API_LOGIN, data={"email": "other@example.com", "password": PASSWORD})
    await as_json(browser, user_id=mine)
    assert [user_id for user_id, _ in profiles.saved] == [other]


async def test_a_user_without_billing_account_is_told_to_link_it(browser, doors, profiles):
    await doors.users.create("new@example.com", await doors.passwords.hash(PASSWORD))
    await browser.post(routes.API_LOGIN, data={"email": "new@example.com", "password": PASSWORD})
    answer = await browser.post(routes.API_PROFILE, data=FORM)
    assert (await told(answer, doors))["error"] == "checkout.link"
    assert profiles.saved == []


async def test_l5_the_twenty_first_change_in_an_hour_is_refused_and_repeats_are_free(signed_in, profiles):
    for n in range(20):
        await as_json(signed_in, company=str(n), key=f"key-of-the-tests-{n:03}")
    await as_json(signed_in, company="0", key="key-of-the-tests-000")
    assert (await as_json(signed_in, company="99", key="key-of-the-tests-099")).status_code == 429
    assert len(profiles.saved) == 20


async def test_s14_another_site_cannot_change_anybody(signed_in, profiles):
    del signed_in.headers["origin"]
    foreign = {"origin": "https://evil.example"}
    assert (await signed_in.post(routes.API_PROFILE, data=FORM, headers=foreign)).status_code == 403
    assert profiles.saved == []
