"""Where a page was opened from, when its address says so."""

from urllib.parse import urlencode

import reflex as rx

from portal_app import routes


def return_to(state: rx.State) -> str:
    """The page named by `returnTo`; "" without one, and for any place that is none of our pages."""
    asked = state.router.url.query_parameters.get("returnTo", "")
    return asked if asked and routes.safe_next(asked) == asked else ""


def with_return(page: str, back: str) -> str:
    """A page that leads back when it is done."""
    return f"{page}?{urlencode({'returnTo': back}, safe='/')}"
