"""Links that change only which rows of a list are shown: another page, tab or order of the same screen."""

from typing import Any

import reflex as rx

from portal_app.components.links import NativeForm

CODE = """
function PortalListLinks({ shown, onFollow, children, ...rest }) {
  const frame = useRef(null);
  const navigate = useNavigate();
  const waiting = useRef(0);
  const known = useLocation(), arrived = useNavigationType();
  useEffect(() => {
    // Back to the address the router still believes in: it sees no change, so the rows are asked for here.
    const back = () => {
      const { location: here, history } = window;
      const same = known.search === here.search && known.key === (history.state?.key ?? "default");
      if (same && arrived === "POP") onFollow();
    };
    window.addEventListener("popstate", back);
    return () => window.removeEventListener("popstate", back);
  }, [known, arrived, onFollow]);
  useEffect(() => {
    clearTimeout(waiting.current);
    if (frame.current?.hasAttribute("aria-busy")) frame.current.removeAttribute("aria-busy");
  }, [shown]);
  const go = (event, url) => {
    event.preventDefault();
    const plain = (path) => path.replace(/\\/+$/, "");
    const { location: here, history } = window;
    if (plain(url.pathname) !== plain(here.pathname)) return navigate(url.pathname + url.search + url.hash);
    if (url.search === here.search) history.replaceState(history.state, "", url);
    else history.pushState({ ...history.state, idx: (history.state?.idx ?? 0) + 1 }, "", url);
    onFollow(event);
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => frame.current?.setAttribute("aria-busy", "true"), 250);
    if (frame.current.getBoundingClientRect().top < 0) frame.current.scrollIntoView();
  };
  const follow = (event) => {
    const link = event.target.closest?.("a[href]");
    const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (link && !link.target && !elsewhere && !event.defaultPrevented) go(event, new URL(link.href));
  };
  const search = (event) => {
    if (event.target.method !== "get") return;
    const url = new URL(event.target.action);
    for (const [name, value] of new FormData(event.target)) if (value.trim()) url.searchParams.set(name, value);
    go(event, url);
  };
  return jsx("div", { ...rest, ref: frame, onClick: follow, onSubmit: search }, children);
}
"""


class ListLinks(rx.Component):
    """Round a list with its links and its search form, which stay real ones with an address each.

    A plain click puts the address into the history and runs the load handler at once, which reads it from there: no
    navigation of the whole page, whose every link and effect would run first, and nothing that makes the browser lay
    the page out before the rows are there. Back, forward, reload and a copied address go through the router and the
    page's own loading, as always. The key and the count that the router keeps in the history entry are kept, so that
    it finds its way and its scroll position back.
    """

    tag = "PortalListLinks"

    shown: rx.Var[Any]
    """Changes with every load; the list stops being busy then."""
    on_follow: rx.EventHandler[rx.event.no_args_event_spec]  # type: ignore[type-arg, valid-type]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect", "useRef"], "react-router": ["useLocation", "useNavigate", "useNavigationType"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [CODE]


class Anchor(rx.el.Div):
    """An anchor and nothing else: the frame round it follows it. A router's link costs each row much more."""

    tag = "a"

    href: rx.Var[str]


def list_links(*children: Any, shown: Any, load: Any, **props: Any) -> rx.Component:
    """The frame: `shown` is a var that every run of the handler `load` assigns."""
    return ListLinks.create(*children, shown=shown, on_follow=load, **props)


def search_form(*children: Any, action: Any, **props: Any) -> rx.Component:
    """A form whose filled fields become the address of the list."""
    return NativeForm.create(*children, action=action, method="get", **props)


def list_link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """A link inside such a frame, to the same list or to another screen."""
    return Anchor.create(*children, href=to, **props)
