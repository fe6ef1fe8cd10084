"""The number alone never links: contact facts, or else staff, who see a case and the customer nothing."""

from datetime import timedelta

import pytest

from portal_app.integrations.salesforce.ids import as_18
from tests.fakes.becoming_world import EMAIL, HANAKO, STRANGER
from tests.fakes.salesforce import a_contact, refusal

NOT_HERS = {"Email": "other@example.com"}


async def waiting(world) -> None:
    """A sign-up of a stranger to the account, waiting for staff."""
    world.salesforce.records["Contact"][0].update(NOT_HERS)
    assert (await world.confirm(await world.sign_up(**STRANGER))).outcome == "waiting"
    await world.deliver()


async def test_the_verified_email_of_the_contact_is_proof_enough(becoming):
    assert (await becoming.confirm(await becoming.sign_up(**STRANGER))).outcome == "done"
    assert becoming.salesforce.records["Case"] == []
    assert await becoming.scalar("SELECT sf_contact_id FROM id_mappings") != ""


@pytest.mark.parametrize(
    "facts",
    [("phone", "postal_code"), ("phone", "birth_date"), ("postal_code", "birth_date")],
    ids=" and ".join,
)
async def test_two_facts_of_one_contact_are_proof_enough(becoming, facts):
    becoming.salesforce.records["Contact"][0].update(NOT_HERS)
    typed = STRANGER | {name: getattr(HANAKO, name) for name in facts}
    assert (await becoming.confirm(await becoming.sign_up(**typed))).outcome == "done"


@pytest.mark.parametrize("fact", ["phone", "postal_code", "birth_date", ""])
async def test_one_fact_or_none_waits_for_staff(becoming, fact):
    becoming.salesforce.records["Contact"][0].update(NOT_HERS)
    typed = STRANGER | ({fact: getattr(HANAKO, fact)} if fact else {})
    confirmed = await becoming.confirm(await becoming.sign_up(**typed))
    assert (confirmed.outcome, confirmed.tokens) == ("waiting", None)


async def test_two_facts_of_two_different_contacts_are_no_proof(becoming):
    account_id = becoming.account()["Id"]
    one = {"Email": None, "Phone": None, "Birthdate": None}
    becoming.salesforce.records["Contact"][0].update(one)
    other = a_contact(as_18("003000000000009"), account_id, Email=None, Phone=None, MailingPostalCode=None)
    becoming.salesforce.records["Contact"].append(other)
    typed = STRANGER | {"postal_code": HANAKO.postal_code, "birth_date": HANAKO.birth_date}
    assert (await becoming.confirm(await becoming.sign_up(**typed))).outcome == "waiting"


async def test_who_waits_has_no_user_no_client_and_no_session_and_a_mail_says_so(becoming):
    await waiting(becoming)
    assert await becoming.users.find_by_email(EMAIL) is None
    assert becoming.whmcs.clients == []
    assert becoming.sent() == ["verify_email", "signup_waiting"]
    assert becoming.mails[-1]["values"] == {}, "nothing of the account is told"


async def test_the_case_tells_staff_what_was_claimed_and_which_of_it_is_right(becoming):
    becoming.salesforce.records["Contact"][0].update(NOT_HERS)
    await becoming.confirm(await becoming.sign_up(**STRANGER | {"postal_code": HANAKO.postal_code}))
    [case] = becoming.salesforce.records["Case"]
    assert case["AccountId"] == becoming.account()["Id"]
    for said in ("Hanako Yamada", EMAIL, "+819099998888", "1970-01-01", "postal code"):
        assert said in case["Description"]
    assert "other@example.com" not in case["Description"]


async def test_what_was_typed_never_looks_like_a_line_of_the_portal_to_staff(becoming):
    becoming.salesforce.records["Contact"][0].update(NOT_HERS)
    said = "The same as on one contact of the account: phone, birth date"
    await becoming.confirm(await becoming.sign_up(**STRANGER | {"company": f"Acme\u2028{said}\u2029"}))
    [case] = becoming.salesforce.records["Case"]
    assert [line for line in case["Description"].splitlines() if "same as" in line] == [
        f"Company: Acme {said}",
        "The same as on one contact of the account: nothing",
    ]


async def test_f12_failures_apart_from_each_other_never_add_up_to_a_day(becoming):
    await waiting(becoming)
    for _ in range(28):
        becoming.salesforce.away()
        await becoming.works_on(timedelta(hours=2))
        becoming.salesforce.back()
        await becoming.works_on(timedelta(hours=2))
        assert await becoming.state() == "WAITING_FOR_STAFF"


async def test_staff_approve_and_the_account_is_made_and_the_mail_invites_to_sign_in(becoming):
    await waiting(becoming)
    becoming.salesforce.decide("Approved")
    await becoming.works_on(15)
    assert await becoming.state() == "COMPLETED"
    assert becoming.sent()[-1] == "welcome"


@pytest.mark.parametrize("status", ["Rejected", "Closed"])
async def test_staff_refuse_or_close_and_a_mail_says_so(becoming, status):
    await waiting(becoming)
    becoming.salesforce.decide(status, closed=True)
    await becoming.works_on(15)
    assert await becoming.state() == "REFUSED not_confirmed"
    assert becoming.sent()[-1] == "signup_not_confirmed"
    assert becoming.whmcs.clients == []
    assert "sign_up.refused not_confirmed" in await becoming.audited()


async def test_an_open_case_is_looked_at_less_and_less_often_and_ends_after_thirty_days(becoming):
    await waiting(becoming)
    asked = becoming.salesforce.count("Query")
    for _ in range(4):
        await becoming.works_on(15)
    assert becoming.salesforce.count("Query") == asked + 4
    await becoming.works_on(timedelta(days=2))
    asked = becoming.salesforce.count("Query")
    await becoming.works_on(timedelta(minutes=9))
    assert becoming.salesforce.count("Query") == asked
    assert await becoming.state() == "WAITING_FOR_STAFF"
    await becoming.works_on(timedelta(days=29))
    assert await becoming.state() == "REFUSED not_confirmed"


async def test_the_decisions_of_many_are_asked_for_at_once(becoming):
    for i in range(2, 6):
        becoming.an_account(f"C-200{i}", contact=NOT_HERS)
        typed = {"email": f"e{i}@example.com", "customer_number": f"C-200{i}"}
        await becoming.confirm(await becoming.sign_up(**STRANGER, **typed))
    asked = becoming.salesforce.count("Query")
    await becoming.works_on(15)
    assert becoming.salesforce.count("Query") == asked + 1
    assert await becoming.states() == ["WAITING_FOR_STAFF"] * 4


async def test_while_salesforce_is_away_who_waits_goes_on_waiting(becoming):
    await waiting(becoming)
    becoming.salesforce.decide("Approved")
    becoming.salesforce.away()
    await becoming.works_on(15)
    assert (await becoming.states()) == ["WAITING_FOR_STAFF"]
    becoming.salesforce.back()
    await becoming.until_settled()
    assert await becoming.state() == "COMPLETED"


async def test_a_case_somebody_deleted_is_left_to_a_person(becoming):
    await waiting(becoming)
    becoming.salesforce.records["Case"].clear()
    await becoming.works_on(15)
    assert await becoming.state() == "NEEDS_REVIEW case_gone"
    assert [record.signup_id for record in await becoming.signups.needing_review()]


async def test_a_number_linked_while_staff_were_deciding_is_refused(becoming):
    await waiting(becoming)
    becoming.account().update(WH_Account__c="#77 - Hanako Yamada")
    becoming.salesforce.decide("Approved")
    await becoming.works_on(15)
    assert await becoming.state() == "REFUSED number_unusable"
    assert becoming.whmcs.asked("AddClient") == []
    assert becoming.sent()[-1] == "signup_failed"


async def test_salesforce_away_at_proof_time_means_wait_and_ends_well(becoming):
    token = await becoming.sign_up()
    becoming.salesforce.away()
    confirmed = await becoming.confirm(token)
    assert (confirmed.outcome, confirmed.tokens) == ("finishing", None)
    assert (await becoming.states()) == ["VERIFIED"]
    becoming.salesforce.back()
    await becoming.works_on(10)
    assert await becoming.state() == "COMPLETED"
    assert becoming.sent()[-1] == "welcome"


async def test_f12_a_step_that_fails_for_a_day_is_left_to_a_person_after_growing_pauses(becoming):
    token = await becoming.sign_up()
    becoming.salesforce.away()
    await becoming.confirm(token)
    started, tries = becoming.clock.now(), becoming.salesforce.count("Query")
    while (await becoming.states()) == ["VERIFIED"]:
        await becoming.works_on(timedelta(minutes=30))
        assert becoming.clock.now() - started < timedelta(days=3)
    assert (await becoming.state()).startswith("NEEDS_REVIEW")
    assert becoming.clock.now() - started > timedelta(hours=20)
    assert becoming.salesforce.count("Query") - tries < 40
    assert any(event.startswith("sign_up.needs_review") for event in await becoming.audited())


async def test_f8_a_lost_answer_about_the_case_opens_no_second_one(becoming):
    becoming.salesforce.records["Contact"][0].update(NOT_HERS)
    token = await becoming.sign_up(**STRANGER)
    opened = becoming.salesforce._Upsert

    def lost(request):
        from urllib.parse import urlsplit

        import requests

        opened(request, urlsplit(request.url).path.split("/sobjects/")[-1].split("/"))
        raise requests.ReadTimeout

    becoming.salesforce.will("Upsert", lost)
    assert (await becoming.confirm(token)).outcome == "finishing"
    await becoming.works_on(10)
    assert (await becoming.states()) == ["WAITING_FOR_STAFF"]
    assert len(becoming.salesforce.records["Case"]) == 1


async def test_an_account_deleted_since_the_form_ends_the_sign_up(becoming):
    token = await becoming.sign_up()
    becoming.salesforce.records["Account"].clear()
    assert (await becoming.confirm(token)).outcome == "refused"
    assert await becoming.state() == "REFUSED number_unusable"


async def test_somebody_who_became_a_user_meanwhile_is_told_they_have_an_account(becoming):
    token = await becoming.sign_up()
    await becoming.users.create(EMAIL, "hash")
    assert (await becoming.confirm(token)).outcome == "refused"
    await becoming.deliver()
    assert await becoming.state() == "REFUSED email_taken"
    assert becoming.sent()[-1] == "have_account"


async def test_staff_who_refuse_our_permission_are_an_operators_matter_and_are_tried_again(becoming):
    token = await becoming.sign_up()
    becoming.salesforce.keeps("Query", refusal(403, "INSUFFICIENT_ACCESS"))
    assert (await becoming.confirm(token)).outcome == "finishing"
    becoming.salesforce.back()
    await becoming.until_settled()
    assert await becoming.state() == "COMPLETED"
