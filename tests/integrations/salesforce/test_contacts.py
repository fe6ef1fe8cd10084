"""Whose address is written: the customer's own contact, or nobody's."""

from dataclasses import dataclass, field
from datetime import date

import pytest

from portal_app.domain.address import JapaneseAddress
from portal_app.domain.customer import Customer
from portal_app.errors import NotFound, UpstreamOutcomeUnknown
from portal_app.integrations.salesforce.contacts import ContactDetails, Contacts
from portal_app.integrations.salesforce.fields import FieldMap
from portal_app.integrations.salesforce.ids import as_18
from tests.fakes.salesforce import ACCOUNT, CONTACT, OTHER_ACCOUNT, SECOND_CONTACT, Reply, a_contact, page_of_html
from tests.integrations.virtual_time import in_virtual_time

CUSTOMER = Customer("user-1", 1001, ACCOUNT or "")
THIRD = as_18("003000000000003")
HOME = JapaneseAddress(
    postal_code="150-0002",
    prefecture="東京都",
    city="渋谷区",
    town="渋谷",
    block="2-21-1",
    building="ヒカリエ",
    room="1201",
)


@dataclass
class Somebody:
    """What Contacts asks of Users."""

    contact_id: str = ""
    email: str = "hanako@example.com"
    asked: list[str] = field(default_factory=list)

    async def find_contact(self, user_id: str) -> str:
        self.asked.append(user_id)
        return self.contact_id

    async def get(self, user_id: str) -> "Somebody":
        return self


@pytest.fixture
def user():
    return Somebody()


@pytest.fixture
def contacts(connected, user):
    return Contacts(connected.client, FieldMap(), user)


def lives(salesforce, contact_id) -> str | None:
    return next(row.get("MailingStreet") for row in salesforce.records["Contact"] if row["Id"] == contact_id)


@in_virtual_time
async def test_the_only_contact_gets_every_part_in_japanese(contacts, salesforce):
    await contacts.write_address(CUSTOMER, HOME)
    assert salesforce.sent("Update") == [
        {
            "MailingPostalCode": "150-0002",
            "MailingState": "東京都",
            "MailingCity": "渋谷区",
            "MailingStreet": "渋谷2-21-1",
            "BuildingName__c": "ヒカリエ",
            "RoomNumber__c": "1201",
            "MailingCountry": "Japan",
        }
    ]
    assert lives(salesforce, CONTACT) == "渋谷2-21-1"


@in_virtual_time
async def test_a_house_empties_the_building_of_the_old_flat(contacts, salesforce):
    house = JapaneseAddress(postal_code="150-0002", prefecture="東京都", city="渋谷区", town="渋谷", block="3-1")
    await contacts.write_address(CUSTOMER, house)
    (sent,) = salesforce.sent("Update")
    assert (sent["BuildingName__c"], sent["RoomNumber__c"]) == (None, None)


@in_virtual_time
async def test_of_several_the_mapped_one_moves_whatever_its_mail(contacts, salesforce, user):
    salesforce.records["Contact"].append(a_contact(THIRD, Email="office@example.com"))
    user.contact_id = THIRD[:15]
    await contacts.write_address(CUSTOMER, HOME)
    assert (lives(salesforce, THIRD), lives(salesforce, CONTACT)) == ("渋谷2-21-1", None)


@in_virtual_time
async def test_of_several_without_a_mapping_the_one_with_the_users_mail_moves(contacts, salesforce, user):
    salesforce.records["Contact"].append(a_contact(THIRD, Email=None))
    salesforce.records["Contact"][0]["Email"] = " Hanako@Example.com"
    await contacts.write_address(CUSTOMER, HOME)
    assert (lives(salesforce, CONTACT), lives(salesforce, THIRD)) == ("渋谷2-21-1", None)


@pytest.mark.parametrize("mails", [("a@example.com", "b@example.com"), ("hanako@example.com", "HANAKO@example.com")])
def test_nobody_moves_when_it_is_not_sure_who(contacts, salesforce, mails):
    @in_virtual_time
    async def run():
        salesforce.records["Contact"] = [a_contact(CONTACT, Email=mails[0]), a_contact(THIRD, Email=mails[1])]
        with pytest.raises(NotFound):
            await contacts.write_address(CUSTOMER, HOME)
        assert salesforce.count("Update") == 0

    run()


@in_virtual_time
async def test_o1_a_mapped_contact_of_another_account_is_left_alone(contacts, salesforce, user):
    user.contact_id = SECOND_CONTACT
    await contacts.write_address(CUSTOMER, HOME)
    assert lives(salesforce, SECOND_CONTACT) is None and lives(salesforce, CONTACT) == "渋谷2-21-1"


@in_virtual_time
async def test_o2_an_answer_about_another_account_is_not_believed(contacts, salesforce):
    foreign = {"totalSize": 1, "done": True, "records": [a_contact(SECOND_CONTACT, OTHER_ACCOUNT)]}
    salesforce.will("Query", Reply(200, foreign))
    for nobody in (CUSTOMER, Customer("user-1", 1001)):
        with pytest.raises(NotFound):
            await contacts.write_address(nobody, HOME)
    assert salesforce.count("Update") == 0


@in_virtual_time
async def test_a_lost_answer_says_so_and_writing_again_is_the_same(contacts, salesforce):
    salesforce.will("Update", page_of_html(502))
    with pytest.raises(UpstreamOutcomeUnknown):
        await contacts.write_address(CUSTOMER, HOME)
    await contacts.write_address(CUSTOMER, HOME)
    first, second = salesforce.sent("Update")
    assert first == second and lives(salesforce, CONTACT) == "渋谷2-21-1"


MOBILE, OTHER_MOBILE, FIXED = "+819012345678", "+819011112222", "+81312345678"


@pytest.mark.parametrize(
    ("held", "details", "sent"),
    [
        ({"MobilePhone": "090-1234-5678"}, {"phone": OTHER_MOBILE}, {"MobilePhone": OTHER_MOBILE}),
        ({"Phone": "03-1234-5678"}, {"phone": OTHER_MOBILE}, {"MobilePhone": OTHER_MOBILE}),
        ({"MobilePhone": "090-1234-5678"}, {"phone": FIXED}, {"Phone": FIXED, "MobilePhone": None}),
        ({}, {"birth_date": date(1990, 5, 17)}, {"Birthdate": "1990-05-17"}),
        ({"Birthdate": "1990-05-17"}, {"birth_date": None}, {"Birthdate": None}),
    ],
)
def test_a_number_goes_where_its_kind_belongs_and_the_old_one_away(contacts, salesforce, held, details, sent):
    @in_virtual_time
    async def run():
        salesforce.records["Contact"][0] |= {"Phone": None, "MobilePhone": None} | held
        await contacts.write_details(CUSTOMER, ContactDetails(phone_before=MOBILE, **details))
        assert salesforce.sent("Update") == [sent]

    run()


@in_virtual_time
async def test_nothing_that_changed_is_nothing_written(contacts, salesforce):
    await contacts.write_details(CUSTOMER, ContactDetails())
    assert salesforce.count("Update") == 0


@in_virtual_time
async def test_o1_only_the_customers_own_contact_gets_a_new_number(contacts, salesforce, user):
    user.contact_id = SECOND_CONTACT
    await contacts.write_details(CUSTOMER, ContactDetails(phone=OTHER_MOBILE))
    reached = {row["Id"]: row.get("MobilePhone") for row in salesforce.records["Contact"]}
    assert reached[CONTACT] == OTHER_MOBILE and reached.get(SECOND_CONTACT) != OTHER_MOBILE
