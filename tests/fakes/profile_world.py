"""A customer's own data in both systems on a real SQLite database, over a small WHMCS and a small Salesforce."""

from pathlib import Path
from typing import Any

from portal_app.domain.profile import ProfileChange, parse_profile
from portal_app.integrations.whmcs.profiles import ClientProfiles
from portal_app.worker.outbox import OutboxSender
from portal_app.workflows.profile import PROFILE_WRITEBACK, Profiles
from tests.fakes.address_world import AddressWorld

OLD, NEW = "+819012345678", "+819011112222"
FORM = {"phone": "090-1111-2222", "birth_date": "1990-05-17", "gender": "W", "language": "en", "company": ""}
BORN = {"id": 199, "value": "1985-04-12"}


class ProfileWorld(AddressWorld):
    """Client 7 of WHMCS with a phone, a birth date and a number; their contact has the same phone."""

    def __init__(self, database: Path) -> None:
        super().__init__(database)
        self.whmcs.clients[0] |= {
            "phonenumber": "090-1234-5678",
            "language": "",
            "marketing_emails_opt_in": False,
            "customfields": [{"id": 198, "value": "C-100007"}, BORN],
        }
        self.salesforce.records["Contact"][0] |= {"MobilePhone": "090-1234-5678", "Birthdate": "1985-04-12"}
        client = self.whmcs_addresses._client
        self.whmcs_profiles = ClientProfiles(
            client, self.cache, customer_number_field_id=198, birth_date_field_id=199, gender_field_id=200
        )
        self.profiles = Profiles(
            whmcs_profiles=self.whmcs_profiles,
            contacts=self.contacts,
            users=self.users,
            outbox=self.outbox,
            db=self.db,
            bus=self.bus,
            audit=self.audit,
        )
        self.sender = OutboxSender(self.outbox, {PROFILE_WRITEBACK: self.profiles.deliver})

    def a_form(self, **typed: str) -> ProfileChange:
        """What the form comes to."""
        return parse_profile(FORM | typed, self.clock.today_in_japan())

    def whmcs_phone(self) -> str:
        """As WHMCS has it."""
        return str(self.whmcs.clients[0]["phonenumber"])

    def contact_has(self) -> tuple[Any, Any]:
        """Mobile number and birth date of the contact."""
        return self.contact()["MobilePhone"], self.contact()["Birthdate"]
