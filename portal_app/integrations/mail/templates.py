"""What each mail says. The words live in text.py, the looks in templates/; here is which sentences make which mail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from portal_app.text import say

LONGEST: Final = 200
"""Characters of one value; a device name or a subject never needs more."""


Page = Literal["", "login", "dashboard"]


@dataclass(frozen=True, slots=True)
class Template:
    """Keys into text.py in reading order, the values they need, and the page the button opens."""

    subject: str
    paragraphs: tuple[str, ...]
    values: frozenset[str] = frozenset()
    button: str = ""
    page: Page = ""


TEMPLATES: Final[dict[str, Template]] = {
    "token_reuse": Template(
        subject="mail.token_reuse.subject",
        paragraphs=("mail.token_reuse.what", "mail.token_reuse.device", "mail.token_reuse.then"),
        values=frozenset({"device"}),
        button="mail.sign_in",
        page="login",
    ),
    "signed_out_everywhere": Template(
        subject="mail.signed_out_everywhere.subject",
        paragraphs=("mail.signed_out_everywhere.what", "mail.signed_out_everywhere.then"),
        button="mail.sign_in",
        page="login",
    ),
    "notice": Template(
        subject="mail.notice.subject",
        paragraphs=("mail.notice.body",),
        values=frozenset({"subject", "body"}),
        button="mail.open_portal",
        page="dashboard",
    ),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail ready to be addressed: one line of subject, plain text, HTML."""

    subject: str
    text: str
    html: str


class MailTemplates:
    """Renders mails for one portal. `links` has the full address of every Page: none ever comes from a payload."""

    def __init__(self, portal_name: str, links: Mapping[str, str]) -> None:
        self._name, self._links = portal_name, links
        self._pages = Environment(
            loader=PackageLoader("portal_app.integrations.mail", "templates"),
            autoescape=select_autoescape(("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, locale: str, values: Mapping[str, str]) -> Rendered:
        """The mail in that language. Raises KeyError for an unknown template or a value it needs and did not get."""
        wanted = TEMPLATES[template]
        clean = {name: one_line(values[name]) for name in wanted.values} | {"portal": self._name}
        language = "ja" if locale == "ja" else "en"
        link = self._links[wanted.page] if wanted.page else ""
        page = {
            "lang": language,
            "portal": self._name,
            "host": urlsplit(link).netloc,
            "greeting": say(language, "mail.greeting"),
            "paragraphs": [say(language, key, **clean) for key in wanted.paragraphs],
            "button": say(language, wanted.button) if wanted.button else "",
            "link": link,
            "footer": say(language, "mail.footer", portal=self._name),
            "subject": one_line(say(language, wanted.subject, **clean)),
        }
        text = self._pages.get_template("mail.txt").render(page)
        html = self._pages.get_template("mail.html").render(page)
        return Rendered(str(page["subject"]), text, html)


def one_line(value: str) -> str:
    """The value without line breaks, control and direction characters, cut: it may stand in a header."""
    return "".join(c if c.isprintable() else " " for c in value)[:LONGEST].strip()
