"""The little the browser does by itself: language, focus after moving between pages, going to a row."""

from typing import Any

import reflex as rx
from reflex_base.constants.state import FIELD_MARKER

from portal_app import routes
from portal_app.priming.primer import Primer
from portal_app.state.session import SessionState

PAGE = """
function PortalEffects({ locale, session, field }) {
  const { pathname } = useLocation();
  const dispatch = useContext(DispatchContext);
  useLayoutEffect(() => {
    const kept = document.cookie.match(/(?:^|; )portal_locale=(ja|en)(?:;|$)/)?.[1];
    if (kept && kept !== locale) dispatch[session]?.({ [field]: kept });
  }, []);
  useEffect(() => { document.documentElement.lang = locale; }, [locale]);
  useEffect(() => {
    const menu = () => document.querySelector("details[data-menu][open]");
    const away = (event) => {
      const followed = event.target.closest?.("details[data-menu] a");
      if (followed || !menu()?.contains(event.target)) menu()?.removeAttribute("open");
    };
    const escape = (event) => {
      if (event.key !== "Escape" || !menu()) return;
      menu().querySelector("summary").focus();
      menu().removeAttribute("open");
    };
    document.addEventListener("click", away);
    document.addEventListener("keydown", escape);
    return () => {
      document.removeEventListener("click", away);
      document.removeEventListener("keydown", escape);
    };
  }, []);
  useEffect(() => {
    const before = globalThis.portalPath;
    globalThis.portalPath = pathname;
    // Whose session ended may have signed in again in another tab: only a request with its cookies can tell.
    if (before && before !== pathname && pathname === "%s") { location.reload(); return; }
    if (before && before !== pathname) document.querySelector("h1")?.focus({ preventScroll: true });
  }, [pathname]);
  return null;
}
"""


class PageEffects(rx.Component):
    """Keeps <html lang> true without a reload, moves focus to the heading of a page that was opened, closes the menu.

    The prerendered page is English: the kept language is taken from the cookie at once, not when the socket answers.
    """

    tag = "PortalEffects"

    locale: rx.Var[str]
    session: rx.Var[str]
    field: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {
            "react": ["useContext", "useEffect", "useLayoutEffect"],
            "react-router": ["useLocation"],
            "$/utils/context": ["DispatchContext"],
        }

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [PAGE.replace("%s", routes.LOGIN)]


@rx.memo
def page_effects() -> rx.Component:
    """Put once into the shell."""
    return rx.fragment(
        Primer.create(),
        PageEffects.create(
            locale=SessionState.locale, session=SessionState.get_full_name(), field=f"locale{FIELD_MARKER}"
        ),
    )
