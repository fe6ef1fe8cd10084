"""Accounts: the customer number, the portal status, what is written back, and the proof that a number is somebody's."""

import asyncio
from datetime import date

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from portal_app.errors import (
    Conflict,
    NotFound,
    UpstreamOutcomeUnknown,
    UpstreamRejected,
    UpstreamReplyChanged,
    UpstreamUnavailable,
)
from portal_app.integrations.salesforce.accounts import AccountCheck, Accounts, AccountState
from portal_app.integrations.salesforce.facts import (
    ContactFacts,
    FactsMatch,
    same_date,
    same_email,
    same_phone,
    same_postal_code,
)
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from portal_app.integrations.salesforce.references import parse_whmcs_reference, whmcs_reference
from tests.fakes.salesforce import (
    ACCOUNT,
    CONTACT,
    OTHER_ACCOUNT,
    SECOND_CONTACT,
    Reply,
    a_contact,
    an_account,
    page_of_html,
)
from tests.integrations.virtual_time import in_virtual_time

BORN = date(1990, 4, 2)
UNLINKED = AccountState(ACCOUNT, linked=False, portal_active=False)


@pytest.fixture
def accounts(connected):
    return Accounts(connected.client, FieldMap(), connected.clock)


@pytest.fixture
def row(salesforce):
    """The first account as Salesforce keeps it."""
    return salesforce.records["Account"][0]


@pytest.mark.parametrize("typed", ["C-1001", " c-1001 ", "Ｃ－１００１", "c-1001"])
@in_virtual_time
async def test_a_customer_number_is_found_however_it_is_typed(accounts, typed):
    assert await accounts.find_by_customer_number(typed) == UNLINKED


@pytest.mark.parametrize(
    "typed", ["", "C-1", "C 1001", "C-1001' OR Name != '", "C" * 21, "C-1001%", "顧客1001", "C-1001\n"]
)
@in_virtual_time
async def test_what_is_no_customer_number_is_not_asked_for(accounts, salesforce, typed):
    found = await accounts.find_by_customer_number(typed)
    assert found == (UNLINKED if typed == "C-1001\n" else None)
    assert salesforce.count("Query") == (typed == "C-1001\n")


@in_virtual_time
async def test_an_unknown_number_is_none(accounts):
    assert await accounts.find_by_customer_number("C-9999") is None


@in_virtual_time
async def test_a_lookup_tells_nothing_but_what_sign_up_needs(accounts, row):
    row |= {"Phone": "PhoneCanary", "BillingPostalCode": "CodeCanary"}
    found = await accounts.find_by_customer_number("C-1001")
    assert "Canary" not in repr(found)


@in_virtual_time
async def test_an_account_with_a_billing_account_is_linked(accounts, row):
    row["WH_Account__c"] = "#1001 - Hanako Yamada"
    assert await accounts.find_by_customer_number("C-1001") == AccountState(ACCOUNT, True, False, 1001)


@in_virtual_time
async def test_an_account_active_in_the_portal_is_linked(accounts, row):
    row["Portal_Status__c"] = "Active"
    assert await accounts.find_by_customer_number("C-1001") == AccountState(ACCOUNT, True, True)


@in_virtual_time
async def test_two_accounts_with_one_number_are_for_a_human(accounts, salesforce):
    salesforce.records["Account"].append(an_account("c-1001", OTHER_ACCOUNT))
    with pytest.raises(UpstreamRejected):
        await accounts.find_by_customer_number("C-1001")


@in_virtual_time
async def test_o2_a_row_of_another_number_is_not_the_account(accounts, salesforce):
    wrong = {"Id": ACCOUNT, "SF_Account_No__c": "C-10011", "WH_Account__c": None, "Portal_Status__c": None}
    salesforce.will("Query", Reply(200, {"records": [wrong], "done": True}))
    assert await accounts.find_by_customer_number("C-1001") is None


@in_virtual_time
async def test_a_row_without_a_field_is_a_changed_reply_and_never_unlinked(accounts, salesforce):
    row = {"Id": ACCOUNT, "SF_Account_No__c": "C-1001", "Portal_Status__c": None}
    salesforce.will("Query", Reply(200, {"records": [row], "done": True}))
    with pytest.raises(UpstreamReplyChanged):
        await accounts.find_by_customer_number("C-1001")


@in_virtual_time
async def test_a_number_is_looked_up_once_in_thirty_seconds(accounts, connected, salesforce, row):
    await accounts.find_by_customer_number("C-1001")
    row["Portal_Status__c"] = "Active"
    connected.clock.advance(29)
    assert (await accounts.find_by_customer_number("C-1001")) == UNLINKED
    assert salesforce.count("Query") == 1
    connected.clock.advance(2)
    assert (await accounts.find_by_customer_number("C-1001")).linked


@in_virtual_time
async def test_h4_a_missing_number_is_kept_ten_seconds(accounts, connected, salesforce):
    await accounts.find_by_customer_number("C-5555")
    salesforce.records["Account"].append(an_account("C-5555", OTHER_ACCOUNT))
    connected.clock.advance(9)
    assert await accounts.find_by_customer_number("C-5555") is None
    connected.clock.advance(2)
    assert await accounts.find_by_customer_number("C-5555") is not None


@in_virtual_time
async def test_a_submit_asks_afresh(accounts, row):
    await accounts.find_by_customer_number("C-1001")
    row["WH_Account__c"] = "#7 - X"
    assert (await accounts.find_by_customer_number("C-1001", fresh=True)).linked


@in_virtual_time
async def test_many_who_type_the_same_number_cause_one_query(accounts, salesforce):
    await asyncio.gather(*[accounts.find_by_customer_number("C-1001") for _ in range(30)])
    assert salesforce.count("Query") == 1


@in_virtual_time
async def test_a_failure_is_never_kept(accounts, salesforce):
    salesforce.will("Query", page_of_html(404))
    with pytest.raises(UpstreamUnavailable):
        await accounts.find_by_customer_number("C-1001")
    assert await accounts.find_by_customer_number("C-1001") == UNLINKED


@in_virtual_time
async def test_the_lookups_kept_are_bounded(accounts):
    for number in range(1100):
        accounts._keep(f"C-{number}", None)
    assert len(accounts._kept) == 1000


@in_virtual_time
async def test_another_installation_may_name_its_fields_otherwise(connected, salesforce):
    salesforce.records["Account"].append({"Id": OTHER_ACCOUNT, "Kyaku_No__c": "C-7777"})
    accounts = Accounts(connected.client, FieldMap({"account.customer_number": "Kyaku_No__c"}), connected.clock)
    assert (await accounts.find_by_customer_number("C-7777")).salesforce_account_id == OTHER_ACCOUNT


@in_virtual_time
async def test_the_state_of_an_account_is_read_now(accounts, row):
    assert await accounts.get_state(ACCOUNT) == UNLINKED
    row["Portal_Status__c"] = "Active"
    assert (await accounts.get_state(ACCOUNT)).portal_active


@pytest.mark.parametrize("account_id", ["001000000000009AAA", "../User/005000000000001", CONTACT, ""])
@in_virtual_time
async def test_o3_an_account_that_is_none_is_not_found(accounts, salesforce, account_id):
    facts = ContactFacts(email="hanako@example.com")
    for ask in (
        accounts.get_state(account_id),
        accounts.match_facts(account_id, facts),
        accounts.mark_portal_active(account_id, source="New Signup"),
        accounts.write_whmcs_client(account_id, 7, "Hanako", "Yamada"),
    ):
        with pytest.raises(NotFound):
            await ask
    assert salesforce.count("Update") == 0


@in_virtual_time
async def test_o2_an_answer_about_another_account_is_not_found(accounts, salesforce):
    salesforce.will("Query", Reply(200, {"records": [an_account("C-1002", OTHER_ACCOUNT)], "done": True}))
    with pytest.raises(NotFound):
        await accounts.get_state(ACCOUNT)


@in_virtual_time
async def test_accounts_are_checked_in_few_queries_and_one_that_is_gone_is_left_out(accounts, salesforce, row):
    row |= {"WH_Account__c": "#7 - Hanako", "Portal_Status__c": "Active"}
    ids = [as_18(f"001{n:012d}") for n in range(1, 402)]
    found = await accounts.list_checks(ids)
    assert found == {
        ACCOUNT: AccountCheck("C-1001", 7, written=True, portal_active=True),
        OTHER_ACCOUNT: AccountCheck("C-1002", None, written=False, portal_active=False),
    }
    assert salesforce.count("Query") == 3


@in_virtual_time
async def test_a_check_tells_what_is_written_and_unreadable_from_nothing(accounts, row):
    row["WH_Account__c"] = "see notes"
    assert (await accounts.list_checks([ACCOUNT]))[ACCOUNT] == AccountCheck("C-1001", None, True, False)


@in_virtual_time
async def test_o3_checking_what_is_no_account_asks_nothing(accounts, salesforce):
    assert await accounts.list_checks(["", "../User/005000000000001AAA", CONTACT, ACCOUNT[:15] + "aaa"]) == {}
    assert await accounts.list_checks([]) == {}
    assert salesforce.asked == []
    assert list(await accounts.list_checks(["nonsense", ACCOUNT])) == [ACCOUNT]


@in_virtual_time
async def test_an_account_is_marked_active_with_where_it_came_from(accounts, salesforce, row):
    await accounts.mark_portal_active(ACCOUNT, source="New Signup")
    assert (row["Portal_Status__c"], row["Portal_Registration_Source__c"]) == ("Active", "New Signup")
    assert salesforce.sent("Update") == [{"Portal_Status__c": "Active", "Portal_Registration_Source__c": "New Signup"}]


@in_virtual_time
async def test_f11_marking_twice_writes_once(accounts, salesforce):
    for _ in range(2):
        await accounts.mark_portal_active(ACCOUNT, source="New Signup")
    assert salesforce.count("Update") == 1


@in_virtual_time
async def test_a_known_source_is_kept(accounts, row):
    row["Portal_Registration_Source__c"] = "Portal Checkout"
    await accounts.mark_portal_active(ACCOUNT, source="New Signup")
    assert row["Portal_Registration_Source__c"] == "Portal Checkout"


@in_virtual_time
async def test_f11_a_lost_write_is_said_and_doing_it_again_converges(accounts, salesforce, row):
    def done_but_lost(request):
        salesforce._Update(request, ["Account", ACCOUNT])
        raise requests.exceptions.ReadTimeout("x")

    salesforce.will("Update", done_but_lost)
    with pytest.raises(UpstreamOutcomeUnknown):
        await accounts.write_whmcs_client(ACCOUNT, 1001, "Hanako", "Yamada")
    await accounts.write_whmcs_client(ACCOUNT, 1001, "Hanako", "Yamada")
    assert row["WH_Account__c"] == "#1001 - Hanako Yamada"
    assert salesforce.count("Update") == 1


@pytest.mark.parametrize("there", ["#1002 - Kenichi Sato", "see notes", "#0 - x", "#10010 - x"])
@in_virtual_time
async def test_another_clients_reference_is_never_written_over(accounts, salesforce, row, there):
    row["WH_Account__c"] = there
    with pytest.raises(Conflict):
        await accounts.write_whmcs_client(ACCOUNT, 1001, "Hanako", "Yamada")
    assert row["WH_Account__c"] == there and salesforce.count("Update") == 0


@in_virtual_time
async def test_after_a_write_the_number_is_looked_up_again(accounts, salesforce):
    await accounts.find_by_customer_number("C-1001")
    await accounts.write_whmcs_client(ACCOUNT, 1001, "Hanako", "Yamada")
    assert (await accounts.find_by_customer_number("C-1001")).linked


@in_virtual_time
async def test_h3_a_lookup_begun_before_a_write_is_not_kept(accounts, salesforce):
    def meanwhile_written(request):
        accounts._forget()
        return salesforce._Query(request, [])

    salesforce.will("Query", meanwhile_written)
    assert await accounts.find_by_customer_number("C-1001") == UNLINKED
    await accounts.find_by_customer_number("C-1001")
    assert salesforce.count("Query") == 2


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("Hanako", "Yamada"), "#7 - Hanako Yamada"),
        ((" Hana\nko ", "Yamada\x00"), "#7 - Hana ko Yamada"),
        (("花子", "山田"), "#7 - 花子 山田"),
        (("", ""), "#7 -"),
    ],
)
def test_the_reference_is_one_line_of_id_and_name(names, text):
    assert whmcs_reference(7, *names) == text


@given(st.integers(1, 2**31 - 1), st.text(max_size=400), st.text(max_size=400))
def test_the_client_id_is_read_back_from_any_reference(client_id, first, last):
    text = whmcs_reference(client_id, first, last)
    assert parse_whmcs_reference(text) == client_id and len(text) <= 255 and text.isprintable()


@pytest.mark.parametrize("text", ["", "7", "#", "#0", "#-7", "#x7", "# ", "#2147483648", "#12345678901", "x #7"])
def test_a_reference_without_a_client_id_names_none(text):
    assert parse_whmcs_reference(text) is None


@in_virtual_time
async def test_the_contacts_own_e_mail_proves_the_number(accounts):
    match = await accounts.match_facts(ACCOUNT, ContactFacts(email="Hanako@Example.com"))
    assert match.proven and match.email and match.salesforce_contact_id == CONTACT


@pytest.mark.parametrize(
    ("facts", "proven"),
    [
        (ContactFacts(phone="+81 3-1234-5678", birth_date=BORN), True),
        (ContactFacts(phone="0312345678", postal_code="1500001"), True),
        (ContactFacts(postal_code="〒１５０－０００１", birth_date=BORN), True),
        (ContactFacts(phone="0312345678"), False),
        (ContactFacts(postal_code="150-0001"), False),
        (ContactFacts(birth_date=BORN), False),
        (ContactFacts(phone="0312345678", postal_code="150-0002"), False),
        (ContactFacts(email="kenichi@example.com", phone="0312345678"), False),
        (ContactFacts(), False),
    ],
)
@in_virtual_time
async def test_two_other_facts_prove_it_and_one_does_not(accounts, facts, proven):
    match = await accounts.match_facts(ACCOUNT, facts)
    assert match.proven is proven
    assert match.salesforce_contact_id == (CONTACT if proven else "")


@in_virtual_time
async def test_facts_of_two_people_of_one_account_are_not_added_up(accounts, salesforce):
    other = a_contact(SECOND_CONTACT, Email="", Phone="090-0000-0000", MailingPostalCode=None, Birthdate="1991-01-01")
    salesforce.records["Contact"].append(other)
    match = await accounts.match_facts(ACCOUNT, ContactFacts(phone="09000000000", birth_date=BORN))
    assert not match.proven and match.score == 1


@in_virtual_time
async def test_a_companys_phone_and_postal_code_which_everybody_may_know_prove_nothing(accounts, salesforce, row):
    row |= {"Phone": "03-9999-8888", "BillingPostalCode": "160-0022"}
    match = await accounts.match_facts(ACCOUNT, ContactFacts(phone="0399998888", postal_code="1600022"))
    assert match == FactsMatch()


@in_virtual_time
async def test_an_account_without_contacts_proves_nothing(accounts, salesforce):
    salesforce.records["Contact"].clear()
    assert await accounts.match_facts(ACCOUNT, ContactFacts("hanako@example.com")) == FactsMatch()


@in_virtual_time
async def test_o2_a_contact_of_another_account_in_the_answer_proves_nothing(accounts, salesforce):
    stranger = a_contact(SECOND_CONTACT, OTHER_ACCOUNT)
    salesforce.will("Query", Reply(200, {"records": [an_account()], "done": True}))
    salesforce.will("Query", Reply(200, {"records": [stranger], "done": True}))
    assert not (await accounts.match_facts(ACCOUNT, ContactFacts("hanako@example.com"))).proven


@in_virtual_time
async def test_a_failed_check_of_facts_is_an_error_and_no_proof(accounts, salesforce):
    salesforce.keeps("Query", page_of_html(404))
    with pytest.raises(UpstreamUnavailable):
        await accounts.match_facts(ACCOUNT, ContactFacts("hanako@example.com"))


@in_virtual_time
async def test_nothing_stored_is_in_the_answer_nor_in_what_is_shown_of_the_question(accounts):
    facts = ContactFacts("hanako@example.com", "0312345678", "1500001", BORN)
    match = await accounts.match_facts(ACCOUNT, facts)
    for stored in ("hanako", "1234", "150", "1990"):
        assert stored not in repr(match).replace(CONTACT, "") and stored not in repr(facts)


@pytest.mark.parametrize(
    ("claimed", "stored", "same"),
    [
        ("03-1234-5678", "0312345678", True),
        ("+81 (0)3 1234 5678", "03-1234-5678", True),
        ("８１３１２３４５６７８", "+81312345678", False),
        ("", "", False),
        ("1234", "1234", False),
        ("0312345679", "0312345678", False),
    ],
)
def test_phones_are_compared_by_their_digits(claimed, stored, same):
    assert same_phone(claimed, stored) is same


def test_nothing_is_never_the_same_as_nothing():
    assert not same_email("", "") and not same_email("x", "x")
    assert not same_postal_code("", "") and not same_postal_code("150", "150")
    assert not same_date(None, "") and not same_date(BORN, "")
