"""What counts as an e-mail address here, and the one spelling of it that is stored and looked up."""

import re
import unicodedata

from portal_app.errors import InvalidInput

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def clean_email(text: str) -> str:
    """The address in lower case, without outer spaces, an international domain in its ASCII form.

    Letters that merely look alike stay different: the local part is ASCII, a domain is compared by its ASCII form.
    A plus tag is part of the address. Raises InvalidInput("email", ...).
    """
    text = text.strip(" \t　")
    if not text:
        raise InvalidInput("email", "sign_in.email_missing")
    local, at, domain = text.rpartition("@")
    domain = _ascii_domain(domain)
    labels = domain.split(".")
    acceptable = (
        at
        and len(local) <= 64
        and len(local) + 1 + len(domain) <= 254
        and _LOCAL.fullmatch(local)
        and len(labels) >= 2
        and all(_LABEL.fullmatch(label) for label in labels)
    )
    if not acceptable:
        raise InvalidInput("email", "sign_in.email_invalid")
    return f"{local.lower()}@{domain}"


def _ascii_domain(domain: str) -> str:
    if len(domain) > 253 or any(unicodedata.category(c)[0] == "C" for c in domain):
        return ""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
