"""What a sign-up form must pass before anything is stored. Nothing here asks whether the e-mail is known (P5)."""

from portal_app.domain.sign_up import SignUpDetails
from portal_app.errors import InvalidFields, InvalidInput, UpstreamRejected
from portal_app.integrations.salesforce.accounts import Accounts
from portal_app.security.audit import Audit
from portal_app.security.limits import Limits
from portal_app.security.passwords import Passwords
from portal_app.storage.encryption import KeyedIndex
from portal_app.storage.signups import Signups
from portal_app.storage.users import Users
from portal_app.workflows.sign_up_moves import NUMBER_UNUSABLE


class SignUpChecks:
    """In the order of their cost: password, limits, customer number."""

    def __init__(
        self,
        *,
        signups: Signups,
        users: Users,
        accounts: Accounts,
        passwords: Passwords,
        limits: Limits,
        index: KeyedIndex,
        audit: Audit,
    ) -> None:
        self._signups, self._users, self._accounts = signups, users, accounts
        self._passwords, self._limits, self._index, self._audit = passwords, limits, index, audit

    async def usable_account(self, details: SignUpDetails, email: str, password: str, *, ip: str, browser: str) -> str:
        """The id of the Salesforce account this sign-up is for.

        Raises: InvalidFields (password, customer_number), TooManyTries, UpstreamError, Busy.
        """
        self._check_password(details, email, password)
        # The browser first: whoever is refused for it uses up nothing of other people's addresses and numbers.
        await self._limits.hit("number_lookup", browser)
        for rule in ("sign_up_email", "sign_up_email_day"):
            await self._limits.hit(rule, self._index.of(f"account|{email}"))
        await self._limits.hit("sign_up_number", details.customer_number)
        if account_id := await self._free_account(details.customer_number):
            return account_id
        await self._audit.record("sign_up.refused", outcome=NUMBER_UNUSABLE, client_ip=ip)
        raise InvalidFields({"customer_number": "signup.number_unusable"})

    def _check_password(self, details: SignUpDetails, email: str, password: str) -> None:
        try:
            self._passwords.check_new(password, email)
        except InvalidInput as bad:
            raise InvalidFields({"password": bad.reason}) from None
        names = details.first_name, details.last_name
        phones = details.phone, details.phone.replace("+81", "0", 1)
        own = (*names, "".join(names), "".join(reversed(names)), details.customer_number, *phones)
        if _letters(password) in {_letters(text) for text in own}:
            raise InvalidFields({"password": "password.is_own_data"})

    async def _free_account(self, customer_number: str) -> str:
        """ "" for a number that is unknown, linked, shared by two accounts, or being linked by somebody else."""
        try:
            state = await self._accounts.find_by_customer_number(customer_number)
        except UpstreamRejected as refused:
            if refused.code != "more_than_one":
                raise
            return ""
        if state is None or state.linked:
            return ""
        account_id = state.salesforce_account_id
        mapped = await self._users.find_customer_of_account(account_id)
        return "" if mapped is not None or await self._signups.is_claimed(account_id) else account_id


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
