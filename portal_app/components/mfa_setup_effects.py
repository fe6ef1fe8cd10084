"""What the browser does to switch the second factor on: secret, picture and recovery codes come from the door to this
script and are shown; they pass through no state and stay nowhere when it is done.
"""

from typing import Any

import reflex as rx

SETUP = """
function PortalSecondFactor({ on, url, codesUrl, confirmUrl, signInUrl, fileName, words }) {
  const [step, setStep] = useState("idle"), [given, setGiven] = useState({}), [codes, setCodes] = useState([]);
  const [wrong, setWrong] = useState(""), [busy, setBusy] = useState(false), [stored, setStored] = useState(false);
  const [copied, setCopied] = useState("");
  const frame = useRef(null);
  useEffect(() => { if (step !== "idle") frame.current?.querySelector("h3, input")?.focus(); }, [step]);
  const ask = async (to, fields) => {
    setBusy(true);
    setWrong("");
    try {
      const headers = { "Content-Type": "application/json", Accept: "application/json" };
      const answer = await fetch(to, { method: "POST", headers, body: JSON.stringify(fields) });
      const said = await answer.json();
      if (answer.ok) return said;
      if (said.code === "reauthenticate") location.assign(confirmUrl);
      else if (said.code === "session-over") location.assign(signInUrl);
      else setWrong(said.errors?.[0]?.detail ?? said.detail ?? words.failed);
    } catch { setWrong(words.failed); } finally { setBusy(false); }
    return null;
  };
  const begin = async () => {
    const said = await ask(url, {});
    if (said) { setGiven(said); setStep("scan"); }
  };
  const send = async (event) => {
    event.preventDefault();
    const field = event.currentTarget.elements.code;
    const said = await ask(step === "scan" ? url : codesUrl, { code: field.value.trim() });
    if (said) { setGiven({}); setCodes(said.codes); setStored(false); setStep("codes"); }
    else { field.value = ""; field.focus(); }
  };
  const leave = () => { setStep("idle"); setGiven({}); setCodes([]); setWrong(""); setCopied(""); };
  const copy = (text, told) => navigator.clipboard?.writeText(text).then(() => setCopied(told), () => {});
  const save = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([codes.join("\\n") + "\\n"], { type: "text/plain" }));
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    setStored(true);
  };
  const plain = "inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-lg px-4 py-2 text-sm "
    + "font-semibold disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted ";
  const first = `${plain}bg-accent text-on-accent hover:bg-accent-hover`;
  const second = `${plain}border border-line bg-card text-ink hover:bg-sunken`;
  const button = (label, onClick, look, rest) => jsx("button", {
    type: "button", onClick, className: look, disabled: busy, ...rest }, label);
  const problem = jsx("p", {
    id: "second-factor-error", role: "alert", className: "mt-1.5 text-sm font-medium text-bad empty:hidden" }, wrong);
  const title = (label) => jsx("h3", { tabIndex: -1, className: "font-semibold focus:outline-none" }, label);
  const apart = step === "scan" ? "" : "mt-4";
  const enter = (id, label, hint) => jsx("form", { onSubmit: send, noValidate: true, className: apart },
    jsx("label", { htmlFor: id, className: "mb-1.5 block text-sm font-semibold" }, label),
    hint ? jsx("p", { id: `${id}-hint`, className: "-mt-0.5 mb-1.5 text-sm text-muted" }, hint) : null,
    jsx("input", {
      id, name: "code", type: "text", autoComplete: "one-time-code", maxLength: 60, spellCheck: false,
      inputMode: step === "scan" ? "numeric" : "text", autoCapitalize: "none", "aria-invalid": wrong ? "true" : "false",
      "aria-describedby": `${hint ? `${id}-hint ` : ""}second-factor-error`,
      className: "num min-h-11 w-full max-w-56 rounded-lg border border-edge bg-card px-3 text-lg tracking-widest "
        + "text-ink aria-invalid:border-bad",
    }),
    problem,
    jsx("div", { className: "mt-4 flex flex-wrap gap-3" },
      jsx("button", { type: "submit", disabled: busy, className: first },
        step === "scan" ? words.switch_on : words.make),
      button(words.cancel, leave, second)));
  const number = (n, ...body) => jsx("li", { className: "flex gap-3" },
    jsx("span", {
      "aria-hidden": "true",
      className: "num flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-sm font-bold "
        + "text-accent" }, n),
    jsx("div", { className: "min-w-0 grow pt-0.5" }, ...body));
  const secret = (given.secret ?? "").match(/.{1,4}/g)?.join(" ") ?? "";
  const scan = () => jsx("div", {},
    title(words.title),
    jsx("ol", { className: "mt-4 flex flex-col gap-6" },
      number(1, jsx("p", { className: "pt-0.5" }, words.app)),
      number(2,
        jsx("p", {}, words.scan),
        jsx("div", {
          role: "img", "aria-label": words.picture, id: "second-factor-qr",
          className: "mt-3 w-48 rounded-lg border border-line bg-white p-2 [&>svg]:block [&>svg]:size-full",
          dangerouslySetInnerHTML: { __html: given.svg } }),
        jsx("p", { className: "mt-3 text-sm text-muted" }, words.by_hand),
        jsx("p", {
          id: "second-factor-secret", className: "mt-1 font-mono font-semibold wrap-anywhere select-all" }, secret),
        jsx("div", { className: "mt-2 flex flex-wrap items-center gap-3" },
          button(words.copy, () => copy(given.secret, "secret"), second),
          jsx("a", { href: given.uri, className: `${second} sm:hidden` }, words.open),
          jsx("span", { role: "status", className: "text-sm text-good" }, copied === "secret" ? words.copied : ""))),
      number(3, enter("second-factor-code", words.code, words.code_hint))));
  const list = () => jsx("div", {},
    title(words.codes_title),
    jsx("p", { className: "mt-1 text-sm text-muted" }, words.codes_body),
    jsx("ul", {
      id: "recovery-codes",
      className: "mt-4 grid gap-x-6 gap-y-2 rounded-lg bg-sunken p-4 font-mono text-sm font-semibold sm:grid-cols-2" },
      codes.map((code) => jsx("li", { key: code, className: "wrap-anywhere select-all" }, code))),
    jsx("div", { className: "mt-4 flex flex-wrap items-center gap-3" },
      button(words.save, save, second),
      button(words.copy, () => { copy(codes.join("\\n"), "codes"); setStored(true); }, second),
      jsx("span", { role: "status", className: "text-sm text-good" }, copied === "codes" ? words.copied : "")),
    jsx("label", { className: "mt-5 flex min-h-6 cursor-pointer items-start gap-3 text-sm" },
      jsx("input", {
        id: "codes-stored", type: "checkbox", checked: stored, onChange: (event) => setStored(event.target.checked),
        className: "mt-0.5 size-5 shrink-0 accent-accent" }),
      jsx("span", {}, words.stored)),
    jsx("div", { className: "mt-4" }, button(words.done, leave, first, { disabled: !stored, id: "codes-done" })));
  const idle = () => on
    ? button(words.new_codes, () => setStep("renew"), second, { id: "new-codes" })
    : jsx("div", {}, button(words.begin, begin, first, { id: "second-factor-begin" }), problem);
  const renew = () => jsx("div", {},
    title(words.new_codes),
    jsx("p", { className: "mt-1 text-sm text-muted" }, words.new_codes_body),
    enter("renew-code", words.code, words.any_code));
  return jsx("div", { ref: frame, "data-step": step },
    { idle, scan, codes: list, renew }[step]());
}
"""


class SecondFactorSetup(rx.Component):
    """Begins with one button: to switch it on, or where it is `on`, to make new recovery codes."""

    tag = "PortalSecondFactor"

    on: rx.Var[bool]
    url: rx.Var[str]
    codes_url: rx.Var[str]
    confirm_url: rx.Var[str]
    sign_in_url: rx.Var[str]
    file_name: rx.Var[str]
    words: rx.Var[dict[str, str]]

    def add_imports(self) -> dict[str, Any]:
        """What the code uses."""
        return {"react": ["useEffect", "useRef", "useState"]}

    def add_custom_code(self) -> list[str]:
        """The component itself, in the module of the page."""
        return [SETUP]
