"""Links that change only which rows of a list are shown: another page, tab or order of the same screen."""

from typing import Any

import reflex as rx

from portal_app.components.links import NativeForm

CODE = """
function PortalListLinks({ handler, loads, live, children, ...rest }) {
  const frame = useRef(null), asked = useRef({}), early = useRef({});
  const navigate = useNavigate();
  const known = useLocation(), arrived = useNavigationType();
  const settle = () => {
    const { url, timer } = asked.current;
    clearTimeout(timer);
    asked.current = {};
    const { location: here, history } = window;
    if (url && url.search !== here.search) {
      history.pushState({ ...history.state, idx: (history.state?.idx ?? 0) + 1 }, "", url);
    }
  };
  useEffect(() => {
    settle();
    if (frame.current?.hasAttribute("aria-busy")) frame.current.removeAttribute("aria-busy");
  }, [loads]);
  useEffect(() => {
    const back = () => {
      clearTimeout(asked.current.timer);
      asked.current = {};
      // Back to the address the router still believes in: it sees no change, so the rows are asked for here.
      const { location: here, history } = window;
      const same = known.search === here.search && known.key === (history.state?.key ?? "default");
      if (same && arrived === "POP") addEvents([ReflexEvent(handler)]);
    };
    // Whatever is done next is done at the address the customer already sees the rows of.
    const heard = { popstate: back, pointerdown: settle, keydown: settle };
    for (const name in heard) window.addEventListener(name, heard[name], true);
    return () => { for (const name in heard) window.removeEventListener(name, heard[name], true); };
  }, [known, arrived, handler]);
  const ask = (event, url) => {
    event.preventDefault();
    const plain = (path) => path.replace(/\\/+$/, "");
    const elsewhere = plain(url.pathname) !== plain(window.location.pathname);
    if (live || elsewhere) return go(url, elsewhere);
    // The page's own rows are still to come and would be shown over those asked for now.
    clearTimeout(early.current.timer);
    early.current = { url, timer: setTimeout(() => window.location.assign(url), 5000) };
    frame.current?.setAttribute("aria-busy", "true");
  };
  useEffect(() => {
    const { url, timer } = early.current;
    clearTimeout(timer);
    if (live) early.current = {};
    if (live && url) go(url, false);
  }, [live]);
  useEffect(() => () => clearTimeout(early.current.timer), []);
  const go = (url, elsewhere) => {
    settle();
    const { pathname, search, searchParams } = url;
    if (elsewhere) return navigate(pathname + search + url.hash);
    const place = { pathname, asPath: pathname + search, query: Object.fromEntries(searchParams) };
    addEvents([{ ...ReflexEvent(handler), router_data: place }]);
    const slow = () => { settle(); frame.current?.setAttribute("aria-busy", "true"); };
    asked.current = { url, timer: setTimeout(slow, 250) };
    if (frame.current.getBoundingClientRect().top < 0) frame.current.scrollIntoView();
  };
  const follow = (event) => {
    const link = event.target.closest?.("a[href]");
    const elsewhere = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (link && !link.target && !elsewhere && !event.defaultPrevented) ask(event, new URL(link.href));
  };
  const search = (event) => {
    if (event.target.method !== "get") return;
    const url = new URL(event.target.action);
    for (const [name, value] of new FormData(event.target)) if (value.trim()) url.searchParams.set(name, value);
    ask(event, url);
  };
  return jsx("div", { ...rest, ref: frame, onClick: follow, onSubmit: search }, children);
}
"""


class ListLinks(rx.Component):
    """Round a list with its links and its search form, which stay real ones with an address each.

    A plain click runs the load handler at once, for the place the link names, and puts that address into the history
    when the rows are there or have kept the customer waiting. So nothing stands between a click and its rows: no
    navigation of the whole page, whose every link and effect would run first, and nothing that makes the browser lay
    the page out twice. Back, forward, reload and a copied address go through the router and the page's own loading, as
    always. The key and the count that the router keeps in the history entry are kept, so that it finds its way and its
    scroll position back.
    """

    tag = "PortalListLinks"

    handler: rx.Var[str]
    loads: rx.Var[int]
    """Counts what the handler loaded; the list stops being busy then."""
    live: rx.Var[bool]
    """Whether the page has loaded its own rows; what is asked for before waits until then."""

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {
            "react": ["useEffect", "useRef"],
            "react-router": ["useLocation", "useNavigate", "useNavigationType"],
            "$/utils/context": ["addEvents"],
            "$/utils/state": ["ReflexEvent"],
        }

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [CODE]


class Anchor(rx.el.Div):
    """An anchor and nothing else: the frame round it follows it. A router's link costs each row much more."""

    tag = "a"

    href: rx.Var[str]


def list_links(*children: Any, handler: str, loads: Any, **props: Any) -> rx.Component:
    """The frame: `handler` is the full name of the load handler, `loads` a var that grows with each of its runs."""
    return ListLinks.create(*children, handler=handler, loads=loads, live=rx.State.is_hydrated, **props)


def search_form(*children: Any, action: Any, **props: Any) -> rx.Component:
    """A form whose filled fields become the address of the list."""
    return NativeForm.create(*children, action=action, method="get", **props)


def list_link(*children: Any, to: Any, **props: Any) -> rx.Component:
    """A link inside such a frame, to the same list or to another screen."""
    return Anchor.create(*children, href=to, **props)
