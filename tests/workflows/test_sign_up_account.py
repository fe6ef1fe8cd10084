"""Making the WHMCS client once, whatever is lost on the way; and taking it back when it cannot be used."""

import asyncio
from datetime import timedelta

import httpx

from portal_app.errors import UpstreamRejected
from tests.fakes.becoming_world import EMAIL, HANAKO
from tests.fakes.whmcs import a_wire_client, a_wire_user, page_of_html, refusal

SETTLED = timedelta(seconds=61)


async def test_f7_an_address_that_came_to_whmcs_since_the_mail_is_sent_to_linking(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.users.append(a_wire_user(900, EMAIL, (7, True)))
    becoming.whmcs.clients.append(a_wire_client(7, email=EMAIL))
    assert (await becoming.confirm(token)).outcome == "refused"
    await becoming.deliver()
    assert await becoming.state() == "REFUSED email_in_whmcs"
    assert becoming.sent()[-1] == "link_instead"
    assert becoming.whmcs.asked("AddClient") == [], "never a second client"


async def test_f7_an_address_taken_between_the_look_and_the_call_is_sent_to_linking(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", refusal("A user already exists with that email address"))
    assert (await becoming.confirm(token)).outcome == "refused"
    assert await becoming.state() == "REFUSED email_in_whmcs"


async def test_f7_a_client_with_our_marker_is_adopted_and_none_is_added(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will_lose("AddClient")
    assert (await becoming.confirm(token)).outcome == "finishing"
    [client] = becoming.whmcs.clients
    await becoming.works_on(SETTLED)
    assert await becoming.state() == "COMPLETED"
    assert len(becoming.whmcs.asked("AddClient")) == 1
    assert await becoming.scalar("SELECT whmcs_client_id FROM id_mappings") == client["id"]


async def test_f7_a_client_with_somebody_elses_marker_is_never_adopted(becoming):
    token = await becoming.sign_up()
    marker = [{"id": 202, "value": "5f2c7f1e-0000-4000-8000-000000000001"}]
    becoming.whmcs.clients.append(a_wire_client(7, email=EMAIL, customfields=marker))
    assert (await becoming.confirm(token)).outcome == "refused"
    assert await becoming.state() == "REFUSED email_in_whmcs"


async def test_f1_k8_an_answer_lost_before_the_client_was_made_is_looked_for_and_then_made_once(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", httpx.ReadTimeout("no answer"))
    assert (await becoming.confirm(token)).outcome == "finishing"
    assert await becoming.state() != "REFUSED"
    await becoming.works_on(SETTLED)
    assert await becoming.state() == "COMPLETED"
    assert len(becoming.whmcs.asked("AddClient")) == 2 and len(becoming.whmcs.clients) == 1


async def test_f4_after_a_lost_answer_nobody_looks_or_calls_before_whmcs_must_have_finished(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", httpx.ReadTimeout("no answer"))
    await becoming.confirm(token)
    calls = len(becoming.whmcs.calls)
    for _ in range(5):
        await becoming.works_on(10)
    assert len(becoming.whmcs.calls) == calls
    await becoming.works_on(20)
    assert await becoming.state() == "COMPLETED"


async def test_f1_a_client_that_appears_while_we_wait_is_ours_and_adopted(becoming):
    token = await becoming.sign_up()
    late: list[dict[str, str]] = []

    def slow(fields: dict[str, str]) -> httpx.Response:
        late.append(fields)
        raise httpx.ReadTimeout("no answer yet")

    becoming.whmcs.will("AddClient", slow)
    await becoming.confirm(token)
    becoming.clock.advance(40)
    becoming.whmcs._AddClient(late[0])
    await becoming.works_on(SETTLED)
    assert await becoming.state() == "COMPLETED"
    assert len(becoming.whmcs.clients) == 1


async def test_an_answer_that_cannot_be_read_counts_as_lost(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", httpx.Response(200, json={"result": "success", "clientid": "?"}))
    assert (await becoming.confirm(token)).outcome == "finishing"
    await becoming.works_on(SETTLED)
    assert await becoming.state() == "COMPLETED"


async def test_f5_a_refused_connection_is_tried_again_without_settling(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", httpx.ConnectError("refused"))
    assert (await becoming.confirm(token)).outcome == "finishing"
    await becoming.works_on(7)
    assert await becoming.state() == "COMPLETED"
    assert len(becoming.whmcs.clients) == 1


async def test_busy_is_tried_again_without_settling(becoming, monkeypatch):
    from portal_app.errors import Busy

    token, add = await becoming.sign_up(), becoming.registration.add

    async def full(details):
        monkeypatch.setattr(becoming.registration, "add", add)
        raise Busy("whmcs")

    monkeypatch.setattr(becoming.registration, "add", full)
    assert (await becoming.confirm(token)).outcome == "finishing"
    await becoming.works_on(7)
    assert await becoming.state() == "COMPLETED"


async def test_whmcs_down_for_hours_ends_well_and_the_number_is_looked_at_again(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    for _ in range(5):
        await becoming.works_on(timedelta(hours=1))
    becoming.whmcs.down = False
    await becoming.works_on(timedelta(hours=2))
    assert await becoming.state() == "COMPLETED"


async def test_f13_a_number_linked_while_whmcs_was_down_is_refused_before_anything_is_made(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.down = True
    await becoming.confirm(token)
    becoming.whmcs.down = False
    becoming.account().update(WH_Account__c="#77 - Hanako Yamada")
    await becoming.works_on(timedelta(minutes=2))
    assert await becoming.state() == "REFUSED number_unusable"
    assert becoming.whmcs.clients == []


async def test_a_person_whmcs_refuses_is_told_and_nothing_is_stored(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", refusal("Valid country required"))
    assert (await becoming.confirm(token)).outcome == "refused"
    await becoming.deliver()
    assert await becoming.state() == "REFUSED billing_refused"
    assert becoming.sent()[-1] == "signup_failed"
    assert await becoming.users.find_by_email(EMAIL) is None


async def test_f1_a_complaint_that_came_after_the_client_was_made_leaves_none_behind(becoming, monkeypatch):
    token, add = await becoming.sign_up(), becoming.registration.add

    async def complaining(details):
        await add(details)
        raise UpstreamRejected("whmcs", "AddClient", "other")

    monkeypatch.setattr(becoming.registration, "add", complaining)
    assert (await becoming.confirm(token)).outcome == "done"
    assert len(becoming.whmcs.clients) == 1


async def test_after_a_refusal_the_number_is_free_for_another_try(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", refusal("Valid country required"))
    await becoming.confirm(token)
    assert (await becoming.confirm(await becoming.sign_up())).outcome == "done"


async def test_a_refusal_of_our_own_permission_is_an_operators_matter_not_this_persons(becoming):
    token = await becoming.sign_up()
    becoming.whmcs.will("AddClient", page_of_html(403))
    assert (await becoming.confirm(token)).outcome == "finishing"
    await becoming.until_settled()
    assert await becoming.state() == "COMPLETED"
    assert len(becoming.whmcs.clients) == 1


async def test_two_sign_ups_for_one_number_at_once_make_one_client_and_one_mapping(becoming):
    tokens = [await becoming.sign_up(email=email) for email in (EMAIL, "sister@example.com")]
    outcomes = await asyncio.gather(*(becoming.confirm(token) for token in tokens))
    assert sorted(confirmed.outcome for confirmed in outcomes) == ["done", "refused"]
    assert sorted(await becoming.states()) == ["COMPLETED", "REFUSED"]
    assert len(becoming.whmcs.clients) == 1
    assert await becoming.scalar("SELECT count(*) FROM id_mappings") == 1


async def test_two_sign_ups_for_one_address_at_once_make_one_client_and_one_user(becoming):
    becoming.an_account("C-2002", contact={"Email": EMAIL})
    tokens = [await becoming.sign_up(), await becoming.sign_up(customer_number="C-2002", password="another lantern 59")]
    outcomes = await asyncio.gather(becoming.confirm(tokens[0]), becoming.confirm(tokens[1], "another lantern 59"))
    await becoming.deliver()
    assert sorted(confirmed.outcome for confirmed in outcomes) == ["done", "refused"]
    assert len(becoming.whmcs.clients) == 1
    assert await becoming.scalar("SELECT count(*) FROM users") == 1


async def test_one_link_opened_twice_at_once_makes_one_account(becoming):
    token = await becoming.sign_up()
    outcomes = await asyncio.gather(becoming.confirm(token), becoming.confirm(token), return_exceptions=True)
    assert len([o for o in outcomes if not isinstance(o, Exception)]) == 1
    assert len(becoming.whmcs.clients) == 1


async def conflicting(world, monkeypatch, meanwhile) -> str:
    """Sign up while `meanwhile` happens right after the client was made."""
    token, add = await world.sign_up(), world.registration.add

    async def added(details):
        whmcs_client_id = await add(details)
        await meanwhile(whmcs_client_id)
        return whmcs_client_id

    monkeypatch.setattr(world.registration, "add", added)
    return (await world.confirm(token)).outcome


async def test_a_local_conflict_after_addclient_takes_the_client_back_and_tells(becoming, monkeypatch):
    async def somebody_takes_the_address(whmcs_client_id: int) -> None:
        await becoming.users.create(EMAIL, "hash")

    assert await conflicting(becoming, monkeypatch, somebody_takes_the_address) == "refused"
    await becoming.deliver()
    assert await becoming.state() == "REFUSED local_conflict"
    assert becoming.whmcs.clients[0]["status"] == "Inactive"
    assert becoming.sent()[-1] == "signup_failed"
    assert await becoming.scalar("SELECT count(*) FROM id_mappings") == 0
    assert becoming.account()["WH_Account__c"] is None


async def test_taking_back_is_repeated_until_whmcs_answers(becoming, monkeypatch):
    async def whmcs_goes_down_too(whmcs_client_id: int) -> None:
        await becoming.users.create(EMAIL, "hash")
        becoming.whmcs.down = True

    assert await conflicting(becoming, monkeypatch, whmcs_goes_down_too) == "finishing"
    assert (await becoming.states()) == ["COMPENSATING"]
    becoming.whmcs.down = False
    becoming.whmcs.will_lose("UpdateClient")
    await becoming.until_settled()
    assert await becoming.state() == "REFUSED local_conflict"
    assert becoming.whmcs.clients[0]["status"] == "Inactive"


async def test_only_a_client_with_our_marker_is_taken_back(becoming, monkeypatch):
    async def staff_give_it_to_somebody(whmcs_client_id: int) -> None:
        await becoming.users.create(EMAIL, "hash")
        becoming.whmcs.clients[0]["customfields"] = []

    assert await conflicting(becoming, monkeypatch, staff_give_it_to_somebody) == "refused"
    assert becoming.whmcs.clients[0]["status"] == "Active"


async def test_a_client_somebody_is_mapped_to_is_never_taken_back(becoming, monkeypatch):
    async def it_is_linked(whmcs_client_id: int) -> None:
        await becoming.users.link(await becoming.users.create("owner@example.com", "hash"), whmcs_client_id)

    assert await conflicting(becoming, monkeypatch, it_is_linked) == "finishing"
    assert await becoming.state() == "NEEDS_REVIEW client_mapped"
    assert becoming.whmcs.clients[0]["status"] == "Active"


async def test_the_cache_of_the_new_user_is_cleared(becoming, monkeypatch):
    cleared: list[str] = []
    clear = becoming.cache.clear

    async def noted(who, *tags):
        cleared.append(who)
        await clear(who, *tags)

    monkeypatch.setattr(becoming.cache, "clear", noted)
    done = await becoming.confirm(await becoming.sign_up())
    assert done.tokens.session.user_id in cleared


async def test_no_database_transaction_is_open_while_an_outside_system_is_asked(becoming, monkeypatch):
    held: list[bool] = []
    answer, send = becoming.whmcs._answer, becoming.salesforce.send
    monkeypatch.setattr(becoming.whmcs, "_answer", lambda request: held.append(becoming.db.held()) or answer(request))

    def noted(request, **options):
        held.append(becoming.db.held())
        return send(request, **options)

    monkeypatch.setattr(becoming.salesforce, "send", noted)
    becoming.salesforce.records["Contact"][0].update(Email=None)
    await becoming.confirm(await becoming.sign_up(phone="+819000000000", birth_date=None))
    becoming.salesforce.decide("Approved")
    await becoming.works_on(15)
    assert await becoming.state() == "COMPLETED"
    assert len(held) > 8 and not any(held)


async def test_the_language_of_the_form_is_the_users_and_the_clients(becoming):
    await becoming.confirm(await becoming.sign_up(HANAKO, locale="ja"), locale="ja")
    assert becoming.whmcs.clients[0]["language"] == "japanese"
    user = await becoming.users.find_by_email(EMAIL)
    assert user is not None and user.locale == "ja"


async def test_a_language_chosen_since_the_form_is_the_users(becoming):
    await becoming.confirm(await becoming.sign_up(HANAKO, locale="en"), locale="ja")
    user = await becoming.users.find_by_email(EMAIL)
    assert user is not None and user.locale == "ja"


async def test_f7_two_clients_that_came_at_one_instant_leave_one_and_ours_is_taken_back(becoming):
    becoming.an_account("C-2002", contact={"Email": EMAIL})
    first = await becoming.sign_up()
    second = await becoming.sign_up(customer_number="C-2002")
    late: list[dict[str, str]] = []

    def slow(fields: dict[str, str]) -> httpx.Response:
        late.append(fields)
        raise httpx.ReadTimeout("no answer yet")

    becoming.whmcs.will("AddClient", slow)
    assert (await becoming.confirm(first)).outcome == "finishing"
    assert (await becoming.confirm(second)).outcome == "done"
    clients, users = becoming.whmcs.clients, becoming.whmcs.users
    becoming.whmcs.clients, becoming.whmcs.users = [clients[0] | {"email": "x@example.com"}], []
    becoming.whmcs._AddClient(late[0])
    becoming.whmcs.clients = [clients[0], becoming.whmcs.clients[-1]]
    becoming.whmcs.users = users + becoming.whmcs.users
    await becoming.works_on(SETTLED)
    assert sorted(await becoming.states()) == ["COMPLETED", "REFUSED"]
    assert [client["status"] for client in becoming.whmcs.clients] == ["Active", "Inactive"]
