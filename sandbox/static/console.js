"use strict";
// Everything shown comes from /console/api/; text is only ever set as text.
const $ = (id) => document.getElementById(id);
const TONES = { Paid: "good", Active: "good", Unpaid: "wait", Suspended: "wait", Pending: "wait", "Payment Pending": "wait", Overdue: "bad", Collections: "bad", Fraud: "bad" };
let chosen = Number(location.hash.slice(1)) || null;
let seen = {};

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}
const badge = (text) => el("span", { class: `badge ${TONES[text] || ""}` }, text);
const yen = (text) => "¥" + Number(text).toLocaleString("en-US");

async function api(method, path, body) {
  const answer = await fetch(`/console/api/${path}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.error || answer.statusText);
  return value;
}
let silence;
function say(words) {
  $("said").textContent = words;
  $("said").classList.add("on");
  clearTimeout(silence);
  silence = setTimeout(() => $("said").classList.remove("on"), 3500);
}
async function act(words, method, path, body) {
  try { await api(method, path, body); say(words); } catch (error) { say(error.message); }
  await refresh();
}
function changed(name, value) {
  const text = JSON.stringify(value);
  if (seen[name] === text) return false;
  seen[name] = text;
  return true;
}

async function showPeople() {
  const people = await api("GET", `clients?limit=60&search=${encodeURIComponent($("search").value)}`);
  if (!changed("people", [people, chosen])) return;
  $("people").replaceChildren(...people.map((one) => el("li", {},
    el("button", { "aria-current": one.id === chosen ? "true" : "false", onclick: () => { chosen = one.id; history.replaceState(null, "", `#${one.id}`); refresh(); } },
      el("b", {}, `${one.firstname} ${one.lastname}`), ` ${one.companyname}`, el("br"), el("span", { class: "soft small" }, `${one.id} · ${one.email}`),
      one.unpaid ? el("span", {}, " ", el("span", { class: "badge wait" }, `${one.unpaid} unpaid`)) : null))));
  if (!people.length) $("people").replaceChildren(el("li", { class: "soft" }, "Nobody matches."));
}

function invoiceRow(invoice) {
  const go = (what, body) => act(`Invoice ${invoice.id}: ${what}`, "POST", `invoices/${invoice.id}/${what}`, body);
  const open = ["Unpaid", "Payment Pending", "Collections"].includes(invoice.status);
  const part = () => {
    const amount = prompt(`Pay how much of ${yen(invoice.balance)}?`, String(Math.floor(Number(invoice.balance) / 2)));
    if (amount) go("pay", { amount });
  };
  const button = (words, handler, kind = "") => el("button", { class: kind, onclick: handler, "aria-label": `${words} invoice ${invoice.id}` }, words);
  const actions = open
    ? [button("Pay", () => go("pay"), "main"), button("Part", part), button("Card refused", () => go("fail")), button("Cancel", () => go("cancel"))]
    : invoice.status === "Paid" ? [Number(invoice.total) > 0 ? button("Refund", () => go("refund")) : null, button("Unpay", () => go("unpay"))]
    : invoice.status === "Draft" ? [button("Cancel", () => go("cancel"))] : [button("Unpay", () => go("unpay"))];
  const left = open && invoice.balance !== invoice.total ? el("div", { class: "small soft" }, `${yen(invoice.balance)} left`) : null;
  return el("tr", {},
    el("td", {}, el("b", {}, `#${invoice.invoicenum || invoice.id}`), el("div", { class: "small soft" }, invoice.description || ""),
      el("div", { class: "small soft" }, `${invoice.date}, ${invoice.duedate.startsWith("0000") ? "no due date" : `due ${invoice.duedate}`}`)),
    el("td", { class: "num" }, yen(invoice.total), left),
    el("td", {}, badge(invoice.overdue ? "Overdue" : invoice.status)),
    el("td", { class: "acts" }, el("div", { class: "actions" }, ...actions)));
}
function serviceRow(service) {
  const go = (what) => act(`Service ${service.id}: ${what}`, "POST", `services/${service.id}/${what}`);
  const button = (words, what) => el("button", { onclick: () => go(what), "aria-label": `${words} service ${service.id}` }, words);
  const actions = service.status === "Active" ? [button("Suspend", "suspend"), button("Terminate", "terminate")]
    : service.status === "Suspended" ? [button("Unsuspend", "unsuspend"), button("Terminate", "terminate")] : [];
  return el("tr", {},
    el("td", {}, el("b", {}, service.name), el("div", { class: "small soft" }, `${service.id} ${service.domain} ${service.suspensionreason}`)),
    el("td", { class: "num" }, yen(service.recurringamount)), el("td", {}, badge(service.status)),
    el("td", { class: "acts" }, el("div", { class: "actions" }, ...actions)));
}
function newInvoiceForm(clientId) {
  const send = (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    const items = [{ description: form.get("description"), amount: form.get("amount"), taxed: true }];
    act("Invoice created", "POST", `clients/${clientId}/invoices`, { items, due_in_days: Number(form.get("days")) });
  };
  return el("details", { id: "new-invoice" }, el("summary", {}, "New invoice"), el("form", { class: "fields", onsubmit: send },
    el("label", { class: "wide" }, "Description", el("input", { name: "description", value: "Extra work 追加作業", required: true })),
    el("label", {}, "Amount before tax", el("input", { name: "amount", value: "1500.00", required: true, inputmode: "decimal" })),
    el("label", {}, "Due in days", el("input", { name: "days", type: "number", value: "14", required: true })),
    el("div", { class: "row end wide" }, el("button", { class: "main" }, "Create"))));
}
async function showCustomer() {
  if (!chosen) return;
  const all = await api("GET", `clients/${chosen}`).catch(() => null);
  if (!all || !changed("customer", all)) return;
  const { profile, users, invoices, services, paymethods } = all;
  const scrolled = document.querySelector(".invoices")?.scrollTop || 0;
  const creating = $("new-invoice")?.open;
  const spoil = () => confirm(`Make every text of client ${profile.id} and of the catalogue hostile?`) &&
    act("Every text is hostile now", "POST", "hostile", { whmcs_client_id: profile.id, catalogue: true });
  const fact = (name, value) => el("div", {}, el("span", {}, `${name} `), el("b", {}, String(value)));
  $("customer").replaceChildren(
    el("div", { class: "row" }, el("h2", { style: "margin:0" }, `${profile.firstname} ${profile.lastname} ${profile.companyname}`), badge(profile.status), el("button", { onclick: spoil }, "Hostile texts")),
    el("div", { class: "facts small" }, fact("Client", profile.id), fact("Number", profile.customer_number || "none"), fact("E-mail", profile.email), fact("Credit", yen(profile.credit)),
      ...users.map((user) => fact(user.is_owner ? "Owner user" : "User", `${user.id} ${user.email}${user.two_factor ? " (2FA)" : ""}`)),
      ...paymethods.map((card) => fact("Pays with", `${card.description} ${card.expiry_date || card.bank_name}`))),
    el("h3", {}, `Services (${services.length})`), el("table", { class: "stack" }, el("tbody", {}, ...services.map(serviceRow))),
    el("h3", {}, `Invoices (${invoices.length})`), newInvoiceForm(profile.id),
    el("div", { class: "invoices", role: "region", tabindex: "0", "aria-label": "Invoices" }, el("table", { class: "stack" },
      el("thead", {}, el("tr", {}, ...["Invoice", "Total", "Status", "Actions"].map((name, place) => el("th", { class: place === 1 || place === 3 ? "num" : "" }, name)))),
      el("tbody", {}, ...invoices.map(invoiceRow)))));
  document.querySelector(".invoices").scrollTop = scrolled;
  if (creating) $("new-invoice").open = true;
}

async function showSystems() {
  const [faults, latency, profile] = await Promise.all([api("GET", "faults"), api("GET", "latency"), api("GET", "profile")]);
  if (!changed("systems", [faults, latency, profile])) return;
  $("health").textContent = faults.length ? `${faults.length} failing` : "healthy";
  $("health").className = `badge ${faults.length ? "bad" : "good"}`;
  $("faults").replaceChildren(...faults.map((fault) => el("li", {},
    el("span", {}, `${fault.system} `, el("b", {}, fault.kind), ` ${fault.action === "*" ? "all actions" : fault.action}${fault.times === null ? "" : `, ${fault.times} more`}`),
    el("button", { onclick: () => act("Healed", "DELETE", `faults/${fault.id}`) }, "Heal"))));
  for (const slider of document.querySelectorAll("[data-latency]")) {
    if (document.activeElement === slider) continue;
    slider.value = latency[slider.dataset.latency];
    slider.nextElementSibling.value = `${slider.value} ms`;
  }
  for (const choice of document.querySelectorAll("[data-profile]")) choice.value = profile[choice.dataset.profile];
}
async function showCalls() {
  const calls = await api("GET", "calls?limit=100");
  if (!changed("calls", calls)) return;
  const tone = (call) => (call.outcome === "success" ? "good" : call.outcome.startsWith("fault") ? "wait" : "bad");
  $("calls").replaceChildren(...calls.reverse().map((call) => el("tr", { title: JSON.stringify(call.params) },
    el("td", { class: "mono soft" }, call.at.slice(11, 19)), el("td", {}, call.action || "(none)", call.outcome === "success" ? null : el("div", { class: "small soft" }, call.outcome)),
    el("td", {}, el("span", { class: `badge ${tone(call)}` }, String(call.status || "cut"))), el("td", { class: "num mono" }, `${call.ms} ms`))));
  if (!calls.length) $("calls").replaceChildren(el("tr", {}, el("td", { class: "soft" }, "No calls yet.")));
}
async function showHooks() {
  const hooks = await api("GET", "hooks");
  if (!changed("hooks", hooks)) return;
  $("receiver").textContent = hooks.url ? `Sent to ${hooks.url}${hooks.waiting.length ? `, ${hooks.waiting.length} waiting for another try` : ""}` : "No receiver is set, so none is sent.";
  $("hooks").replaceChildren(...hooks.deliveries.reverse().map((one) => el("tr", {},
    el("td", { class: "mono soft" }, one.at.slice(11, 19)), el("td", {}, one.event),
    el("td", { class: "num" }, el("span", { class: `badge ${one.status && one.status < 300 ? "good" : "bad"}` }, String(one.status || "no answer"))))));
}
const panels = [showPeople, showCustomer, showSystems, showCalls, showHooks];
async function refresh() {
  await Promise.allSettled(panels.map((show) => show()));
}

$("search").addEventListener("input", showPeople);
$("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target), number = (name) => (form.get(name) ? Number(form.get(name)) : null);
  act("It fails now", "POST", "faults", { system: form.get("system"), action: form.get("action"), kind: form.get("kind"), times: number("times"), delay_ms: number("delay_ms") });
});
$("heal").addEventListener("click", () => act("Everything is healthy", "DELETE", "faults"));
$("clear-calls").addEventListener("click", () => act("Cleared", "DELETE", "calls"));
$("reset").addEventListener("click", () => confirm("Throw away all data and seed again?") && act("Fresh data", "POST", "reset"));
$("hook").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  let params;
  try { params = JSON.parse(form.get("params") || "{}"); } catch { return say("Params must be JSON"); }
  act("Fired", "POST", "hooks", { event: form.get("event"), params, duplicate: form.has("duplicate"), stale: form.has("stale"), bad_signature: form.has("bad_signature") });
});
for (const slider of document.querySelectorAll("[data-latency]")) {
  slider.addEventListener("input", () => { slider.nextElementSibling.value = `${slider.value} ms`; });
  slider.addEventListener("change", () => { slider.blur(); act("Latency set", "POST", "latency", { [slider.dataset.latency]: Number(slider.value) }); });
}
for (const choice of document.querySelectorAll("[data-profile]"))
  choice.addEventListener("change", () => act("Spelling changed", "POST", "profile", { [choice.dataset.profile]: choice.value }));
if (!chosen) chosen = 1001;
refresh();
setInterval(refresh, 2000);
