"""The little the browser does by itself: language of the document, focus after moving between pages, going to a row."""

import reflex as rx

from portal_app.state.session import SessionState

CODE = """
let portalPath = null;
function PortalEffects({ locale }) {
  const { pathname } = useLocation();
  useEffect(() => { document.documentElement.lang = locale; }, [locale]);
  useEffect(() => {
    if (portalPath !== null && portalPath !== pathname) document.querySelector("h1")?.focus({ preventScroll: true });
    portalPath = pathname;
  }, [pathname]);
  return null;
}
"""


class PageEffects(rx.Component):
    """Keeps <html lang> true without a reload, and moves focus to the heading of the page that was opened."""

    tag = "PortalEffects"

    locale: rx.Var[str]

    def add_imports(self) -> dict[str, list[str]]:
        """What the code below uses."""
        return {"react": ["useEffect"], "react-router": ["useLocation"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [CODE]


def page_effects() -> rx.Component:
    """Put once into the shell."""
    return PageEffects.create(locale=SessionState.locale)


class ScrollToTarget(rx.Component):
    """Goes to the element the URL's #part names once the rows are there; the browser looked for it too early."""

    tag = "PortalScrollToTarget"

    ready: rx.Var[bool]

    def add_imports(self) -> dict[str, list[str]]:
        """What the code below uses."""
        return {"react": ["useEffect"], "react-router": ["useLocation"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [
            """
function PortalScrollToTarget({ ready }) {
  const { hash } = useLocation();
  useEffect(() => {
    if (ready && hash) document.getElementById(hash.slice(1))?.scrollIntoView({ block: "center" });
  }, [ready, hash]);
  return null;
}
"""
        ]


def scroll_to_target(ready: rx.Var[bool]) -> rx.Component:
    """Put into a page whose rows other pages link to."""
    return ScrollToTarget.create(ready=ready)
