"""Who is asking: the one value every read and write of customer data takes first."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Customer:
    """A portal user with its mapped ids. Built from a verified session or a mapping row, never from request data."""

    user_id: str
    whmcs_client_id: int
    salesforce_account_id: str = ""
