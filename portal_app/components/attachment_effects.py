"""What the browser does for attachments by itself: picked files travel at once, each with its progress."""

from typing import Any

import reflex as rx

# A look at a file before it travels; the door looks at what arrives and believes none of this.
ATTACHMENTS = """
function PortalAttachments({ url, most, largest, kinds, words, children, ...rest }) {
  const [rows, setRows] = useState([]);
  const [queued, setQueued] = useState(false);
  const [heard, setHeard] = useState("");
  const frame = useRef(null), running = useRef({}), held = useRef([]), made = useRef(0), quiet = useRef(true);
  held.current = rows;
  const change = (key, news) => setRows((all) => all.map((row) => (row.key === key ? { ...row, ...news } : row)));
  const spell = (sentence, name) => sentence.replace("#", name);
  const hex = (byte) => byte.toString(16).padStart(2, "0");
  const anew = () => [...crypto.getRandomValues(new Uint8Array(16))].map(hex).join("");
  const told = (size) => (size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`);
  const send = ({ key, file, once }) => {
    const request = running.current[key] = new XMLHttpRequest();
    const end = (news) => {
      delete running.current[key];
      change(key, news);
      setHeard(`${file.name}: ${news.state === "done" ? words.done : news.reason}`);
    };
    // Where no answer came the file may be there: only the same request finds it. What was refused is asked for anew.
    const failed = (reason, again, answered) => {
      end({ state: "refused", percent: 0, reason, again, ...(answered ? { once: anew() } : {}) });
    };
    request.open("POST", url);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.setRequestHeader("Idempotency-Key", once);
    request.upload.onprogress = ({ loaded, total }) => {
      change(key, { percent: total ? Math.min(99, Math.floor((100 * loaded) / total)) : 0 });
    };
    request.onload = () => {
      let said = {};
      try { said = JSON.parse(request.responseText) ?? {}; } catch { /* no answer of ours */ }
      if (request.status < 300 && said.file_id) {
        end({ state: "done", percent: 100, id: said.file_id, name: said.name ?? file.name, file: null });
      } else if (request.status === 401) failed(words.signed_out, true, true);
      else {
        const passes = request.status === 409 || request.status >= 429;
        failed(said.errors?.[0]?.detail ?? said.detail ?? words.failed, passes, true);
      }
    };
    request.onerror = () => failed(words.failed, true, false);
    request.send(file);
  };
  const add = (files) => {
    let count = held.current.filter((row) => row.state !== "refused").length;
    const fresh = [...files].map((file) => {
      const reason = !new RegExp(`\\\\.(${kinds})$`, "i").test(file.name) ? words.type
        : !file.size ? words.empty : file.size > largest ? words.too_large
        : count >= most ? words.too_many : "";
      if (!reason) count += 1;
      const { name, size } = file, state = reason ? "refused" : "sending";
      const key = `file-${(made.current += 1)}`;
      return { key, once: anew(), name, size, file, state, percent: 0, id: "", reason, again: false };
    });
    setRows((all) => [...all, ...fresh]);
    const refused = fresh.find((row) => row.reason);
    if (refused) setHeard(`${refused.name}: ${refused.reason}`);
    for (const row of fresh) if (!row.reason) send(row);
  };
  const again = (row) => { change(row.key, { state: "sending", reason: "" }); send(row); };
  const remove = (row) => {
    running.current[row.key]?.abort();
    delete running.current[row.key];
    // Nobody waits for it: what stays is deleted a day later.
    if (row.id) fetch(`${url}/${row.id}`, { method: "DELETE" }).catch(() => {});
    setRows((all) => all.filter((one) => one.key !== row.key));
    frame.current.querySelector("input[type=file]").focus();
  };
  useEffect(() => {
    const form = frame.current.closest("form");
    const wait = (event) => {
      if (event.target !== form || !Object.keys(running.current).length) return;
      event.preventDefault();
      event.stopPropagation();
      setQueued(true);
    };
    const kept = ({ detail }) => {
      quiet.current = true;
      setRows(detail.map((file) => ({ ...file, key: file.id, state: "done", percent: 100, reason: "", again: false })));
    };
    // A file that misses the surface would open in place of the page.
    const over = (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); };
    const drop = (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      add(event.dataTransfer.files);
    };
    document.addEventListener("submit", wait, true);
    form.addEventListener("portal-files", kept);
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      document.removeEventListener("submit", wait, true);
      form.removeEventListener("portal-files", kept);
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  });
  useEffect(() => () => { for (const request of Object.values(running.current)) request.abort(); }, []);
  const done = rows.filter((row) => row.state === "done");
  const ids = done.map((row) => row.id).join(",");
  useEffect(() => {
    // Other files make another request, and belong to the draft.
    if (!quiet.current) frame.current.dispatchEvent(new Event("input", { bubbles: true }));
    quiet.current = false;
  }, [ids]);
  useEffect(() => {
    if (!queued || rows.some((row) => row.state === "sending")) return;
    setQueued(false);
    if (!rows.some((row) => row.state === "refused")) frame.current.closest("form").requestSubmit();
  }, [queued, rows]);
  const picked = (event) => {
    if (event.target.type !== "file") return;
    add(event.target.files);
    event.target.value = "";
  };
  const button = "inline-flex min-h-9 cursor-pointer items-center justify-center rounded-lg px-2 hover:bg-sunken";
  const cross = jsx("svg", { className: "icon size-4", viewBox: "0 0 24 24", "aria-hidden": true },
    jsx("path", { d: "M18 6 6 18M6 6l12 12" }));
  const bar = (row) => jsx("div", {
    role: "progressbar", "aria-label": `${words.sending} ${row.name}`, "aria-valuemin": 0, "aria-valuemax": 100,
    "aria-valuenow": row.percent, className: "mt-2 h-1.5 overflow-hidden rounded-full bg-line",
  }, jsx("div", { className: "h-full rounded-full bg-accent transition-all", style: { width: `${row.percent}%` } }));
  const state = (row) => {
    const shown = `${told(row.size)} · ${row.state === "done" ? words.done : words.sending}`;
    if (row.state === "refused") return jsx("p", { className: "text-sm font-medium text-bad" }, row.reason);
    return jsx("p", { className: `num text-sm ${row.state === "done" ? "text-good" : "text-muted"}` },
      row.state === "done" ? shown : `${shown} ${row.percent}%`);
  };
  const line = (row) => jsx("li", {
    key: row.key, "data-file": row.state,
    className: "flex items-start gap-2 rounded-lg border border-line bg-page py-2 pr-1 pl-3",
  },
  jsx("div", { className: "min-w-0 grow py-0.5" },
    jsx("p", { className: "text-sm font-semibold wrap-anywhere" }, row.name),
    state(row), row.state === "sending" ? bar(row) : null),
  row.again && row.file ? jsx("button", {
    type: "button", onClick: () => again(row), "aria-label": spell(words.again, row.name),
    className: `${button} text-sm font-semibold text-accent`,
  }, words.again_short) : null,
  jsx("button", {
    type: "button", onClick: () => remove(row), "aria-label": spell(words.remove, row.name),
    className: `${button} text-muted hover:text-ink`,
  }, cross));
  const files = JSON.stringify(done.map(({ id, name, size }) => ({ id, name, size })));
  return jsx("div", { ...rest, ref: frame, onChange: picked, "data-files": files },
    children,
    jsx("input", { type: "hidden", name: "file_ids", value: ids, readOnly: true }),
    rows.length
      ? jsx("ul", { "aria-label": words.files, className: "mt-3 flex flex-col gap-2" }, rows.map(line)) : null,
    jsx("p", { className: "sr-only", role: "status" }, heard),
    jsx("p", { className: "mt-2 text-sm font-medium empty:hidden", role: "status" }, queued ? words.waiting : ""));
}
"""


class Attachments(rx.Component):
    """Round a file field: files picked or dropped travel to the door, whose receipts the form sends.

    A form that is sent while files travel goes when they are there. `words` have # where the name of a file stands.
    """

    tag = "PortalAttachments"

    url: rx.Var[str]
    most: rx.Var[int]
    largest: rx.Var[int]
    kinds: rx.Var[str]
    words: rx.Var[dict[str, str]]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect", "useRef", "useState"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [ATTACHMENTS]
