"""What Edge has put beside a request, with safe answers where Edge is not there."""

from urllib.parse import parse_qs, urlsplit

from starlette.requests import HTTPConnection, Request

from portal_app.errors import NotSignedIn
from portal_app.observability import correlation
from portal_app.security.sessions import Session
from portal_app.storage.users import Locale
from portal_app.web import bodies, cookies


def session_of(request: HTTPConnection) -> Session | None:
    """The live session Edge found behind the cookies."""
    return getattr(request.state, "session", None)


def required_session(request: HTTPConnection) -> Session:
    """The session, or NotSignedIn."""
    session = session_of(request)
    if session is None:
        raise NotSignedIn
    return session


def client_ip(request: HTTPConnection) -> str:
    """The address Edge trusts, or the peer's."""
    return getattr(request.state, "client_ip", "") or (request.client.host if request.client else "")


def correlation_id(request: HTTPConnection) -> str:
    """What a customer can quote."""
    return getattr(request.state, "correlation_id", "") or correlation.current()


def locale_of(request: HTTPConnection) -> str:
    """The language to answer in: the one chosen in this browser, else the account's."""
    chosen = cookies.read(request.headers, cookies.LOCALE)
    session = session_of(request)
    return chosen if chosen in cookies.LOCALES else (session.locale if session else "en")


def form_locale(request: HTTPConnection) -> Locale:
    """The language of the page a form stands on, for what is mailed about it."""
    return "ja" if cookies.locale_of(request.headers) == "ja" else "en"


def user_agent(request: HTTPConnection) -> str:
    """What the browser calls itself, not endlessly."""
    return request.headers.get("user-agent", "")[:500]


def asked_of_page(request: HTTPConnection, name: str) -> str:
    """What the address of the page says under that name from which this was sent; "" without it."""
    try:
        query = urlsplit(request.headers.get("referer", "")[:2000]).query
    except ValueError:
        return ""
    return parse_qs(query).get(name, [""])[0]


def wants_json(request: Request) -> bool:
    """Whether a program asks: it sends JSON, or accepts JSON and no page. A form posted by a page gets pages back."""
    kind = bodies.content_type(request)
    accept = request.headers.get("accept", "")
    return kind == bodies.JSON or (kind != bodies.FORM and "text/html" not in accept)
