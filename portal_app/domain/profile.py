"""Who a customer is, as far as greeting goes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Names as the billing account has them; any may be ""."""

    first_name: str
    last_name: str
    company: str = ""
