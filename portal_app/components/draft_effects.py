"""What the browser does for a message by itself: keeps its draft, says how much room is left, tells what was seen."""

from typing import Any

import reflex as rx

# Kept in the tab alone, so that it outlives a reload and a sign-in but neither the tab nor another person's sign-in.
DRAFT = """
const portalDrafts = {
  read(name) {
    try { return JSON.parse(sessionStorage.getItem(`portal-draft:${name}`) ?? "null"); } catch { return null; }
  },
  write(name, draft) {
    try { sessionStorage.setItem(`portal-draft:${name}`, JSON.stringify(draft)); } catch { /* full, or not allowed */ }
  },
  drop(unwanted) {
    const names = Object.keys(sessionStorage).filter((key) => key.startsWith("portal-draft:"));
    for (const name of names.map((key) => key.slice(13))) {
      const draft = this.read(name);
      if (!draft || unwanted(draft)) sessionStorage.removeItem(`portal-draft:${name}`);
    }
  },
};
function PortalDraft({ form, name, owner, told, ready, values }) {
  const given = JSON.stringify(values), restored = useRef(false);
  const brought = useRef({}), applied = useRef("");
  useEffect(() => {
    if (!ready || !owner) return;
    portalDrafts.drop((draft) => draft.owner !== owner);
    // Each piece of good news forgets what had been sent when it came, and nothing that was written since.
    if (told && sessionStorage.getItem("portal-told") !== told) {
      sessionStorage.setItem("portal-told", told);
      portalDrafts.drop((draft) => draft.sent);
    }
    const sent = form && document.getElementById(form);
    if (!sent) return;
    if (!restored.current) {
      restored.current = true;
      const draft = portalDrafts.read(name);
      for (const [field, value] of Object.entries(draft?.fields ?? {})) {
        const box = sent.elements[field];
        if (box && !box.value) box.value = value;
      }
      if (draft?.files?.length) sent.dispatchEvent(new CustomEvent("portal-files", { detail: draft.files }));
      // The same contents are the same request, also after a reload: an answer that was lost may have been a yes.
      if (draft?.key) sent.elements.idempotency_key.value = draft.key;
      sent.dispatchEvent(new CustomEvent("portal-restored"));
    }
    // A page that was shown before is opened with what it was asked then; what was typed or kept stays.
    if (applied.current === given) return;
    applied.current = given;
    const before = brought.current, now = JSON.parse(given);
    for (const field of new Set([...Object.keys(before), ...Object.keys(now)])) {
      const box = sent.elements[field], free = box && (!box.value || box.value === before[field]);
      if (free && (field in now || box.matches("select"))) box.value = before[field] = now[field] ?? "";
    }
    sent.dispatchEvent(new CustomEvent("portal-restored"));
  }, [form, name, owner, told, ready, given]);
  useEffect(() => {
    const sent = form && document.getElementById(form);
    if (!sent || !owner) return;
    let timer = 0;
    const save = (going) => {
      clearTimeout(timer);
      timer = 0;
      const boxes = [...sent.elements].filter((box) => box.name && box.matches("textarea, select, input[type=text]"));
      const fields = Object.fromEntries(boxes.map((box) => [box.name, box.value]));
      const files = JSON.parse(sent.querySelector("[data-files]")?.dataset.files ?? "[]");
      const key = sent.elements.idempotency_key.value;
      portalDrafts.write(name, { owner, fields, files, key, sent: going });
    };
    const typed = () => { clearTimeout(timer); timer = setTimeout(save, 250, false); };
    const submit = () => save(true);
    const leave = () => { if (timer) save(false); };
    sent.addEventListener("input", typed);
    sent.addEventListener("submit", submit);
    addEventListener("pagehide", leave);
    return () => {
      leave();
      sent.removeEventListener("input", typed);
      sent.removeEventListener("submit", submit);
      removeEventListener("pagehide", leave);
    };
  }, [form, name, owner]);
  return null;
}
"""
# People think in characters. Where bytes are counted: as many more as fit of the kind that was typed.
ROOM = """
function PortalRoom({ box, most, bytes, left, over }) {
  useEffect(() => {
    const typed = document.getElementById(box), told = document.getElementById(`${box}-room`);
    const form = typed?.form;
    if (!form || !told) return;
    const tell = () => {
      const signs = [...typed.value].length, used = bytes ? new TextEncoder().encode(typed.value).length : signs;
      const room = Math.floor(((most - used) * (signs || 1)) / (used || 1));
      told.textContent = (room < 0 ? over : left).replace("#", Math.abs(signs ? room : most).toLocaleString());
      told.dataset.room = room < 0 ? "none" : room < 100 ? "little" : "much";
      told.setAttribute("aria-live", room < 20 ? "polite" : "off");
    };
    tell();
    typed.addEventListener("input", tell);
    form.addEventListener("portal-restored", tell);
    return () => {
      typed.removeEventListener("input", tell);
      form.removeEventListener("portal-restored", tell);
    };
  }, [box, most, bytes, left, over]);
  return null;
}
"""
SEEN = """
function PortalSeen({ newest, handler }) {
  const seen = useRef(newest);
  useEffect(() => {
    const look = () => {
      if (document.hidden || seen.current === newest) return;
      seen.current = newest;
      addEvents([ReflexEvent(handler)]);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, [newest, handler]);
  return null;
}
"""


class Draft(rx.Component):
    """Keeps what is typed into a form, with its files and its key, until a door said that it has it."""

    tag = "PortalDraft"

    form: rx.Var[str]
    name: rx.Var[str]
    owner: rx.Var[str]
    told: rx.Var[str]
    ready: rx.Var[bool]
    values: rx.Var[dict[str, str]]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect", "useRef"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [DRAFT]


class Room(rx.Component):
    """Says below a box how much more it takes."""

    tag = "PortalRoom"

    box: rx.Var[str]
    most: rx.Var[int]
    bytes: rx.Var[bool]
    left: rx.Var[str]
    over: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [ROOM]


class Seen(rx.Component):
    """Runs a handler when something new came and the tab is looked at."""

    tag = "PortalSeen"

    newest: rx.Var[str]
    handler: rx.Var[str]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {
            "react": ["useEffect", "useRef"],
            "$/utils/context": ["addEvents"],
            "$/utils/state": ["ReflexEvent"],
        }

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [SEEN]


def draft(state: Any, form: str, name: Any) -> rx.Component:
    """Put last into the form with that id; `name` says which draft. `state` is a SentFormState."""
    return Draft.create(
        form=form,
        name=name,
        owner=state.owner,
        told=state.told,
        ready=rx.State.is_hydrated,
        values=state.values,
    )


def drafts_sent(state: Any) -> rx.Component:
    """Put into a page without such a form where a door may lead to with good news."""
    return Draft.create(form="", name="", owner=state.owner, told=state.told, ready=rx.State.is_hydrated, values={})


def seen(newest: Any, handler: str) -> rx.Component:
    """`handler`: the full name of a handler without arguments; it runs when `newest` changes before somebody's eyes."""
    return Seen.create(newest=newest, handler=handler)
