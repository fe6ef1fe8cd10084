"""A sign-up's details in their other forms: sealed text, WHMCS client, contact facts, a case for staff."""

from typing import Final

from pydantic import TypeAdapter

from portal_app.domain.sign_up import SignUpDetails
from portal_app.integrations.salesforce.facts import ContactFacts, FactsMatch
from portal_app.integrations.whmcs.registration import NewClient

_ADAPTER: Final = TypeAdapter(SignUpDetails)

CASE_SUBJECT: Final = "Portal sign-up: check whose customer number it is"
_CASE: Final = """\
Somebody signed up for the portal with this account's customer number and could not be recognised.
Find out whether it is the customer. Then set this case's status to Approved, or close it to refuse.
Nothing of the account is shown to them before that.

Name: {name}
Company: {company}
E-mail (verified): {email}
Phone: {phone}
Postal code: {postal_code}
Birth date: {birth_date}

The same as on one contact of the account: {same}
Sign-up reference: {reference}
"""


def details_text(details: SignUpDetails) -> str:
    """JSON, to be sealed."""
    return _ADAPTER.dump_json(details).decode()


def read_details(text: str) -> SignUpDetails:
    """What `details_text` wrote."""
    return _ADAPTER.validate_json(text)


def facts_of(details: SignUpDetails, email: str) -> ContactFacts:
    """What the person claims. The e-mail is the verified one."""
    return ContactFacts(
        email=email, phone=details.phone, postal_code=details.postal_code, birth_date=details.birth_date
    )


def new_client(details: SignUpDetails, email: str, portal_user_id: str, locale: str) -> NewClient:
    """The WHMCS client this person becomes, marked with the id their portal user will have (F7)."""
    return NewClient(
        portal_user_id=portal_user_id,
        customer_number=details.customer_number,
        first_name=details.first_name,
        last_name=details.last_name,
        company=details.company,
        email=email,
        phone=details.phone,
        postal_code=details.postal_code,
        prefecture=details.prefecture,
        city=details.city,
        address1=details.address1,
        address2=details.address2,
        language="japanese" if locale == "ja" else "english",
        marketing=details.marketing,
        birth_date=details.birth_date,
    )


def case_text(details: SignUpDetails, email: str, match: FactsMatch, reference: str) -> str:
    """What staff need to decide. Holds personal data: it goes to Salesforce, which owns it, and nowhere else."""
    facts = {"phone": match.phone, "postal code": match.postal_code, "birth date": match.birth_date}
    return _CASE.format(
        name=_one_line(f"{details.first_name} {details.last_name}"),
        company=_one_line(details.company) or "-",
        email=email,
        phone=details.phone,
        postal_code=details.postal_code,
        birth_date=details.birth_date.isoformat() if details.birth_date else "-",
        same=", ".join(name for name, same in facts.items() if same) or "nothing",
        reference=reference,
    )


def _one_line(text: str) -> str:
    # What they typed must not look like a line of ours, such as which facts are right; U+2028 breaks lines too.
    return " ".join(text.split())
