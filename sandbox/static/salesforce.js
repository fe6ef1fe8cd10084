"use strict";
// The Salesforce half of the console; helpers are those of console.js, which is loaded first.
function accountRow(account) {
  const go = (words, what, body) => act(`${account.number || account.name}: ${words}`, "POST", `salesforce/accounts/${account.id}/${what}`, body);
  const button = (words, handler) => el("button", { onclick: handler, "aria-label": `${words} ${account.number} ${account.name}` }, words);
  const link = () => {
    const id = Number(prompt("Which WHMCS client?", "1001"));
    if (id) go("linked", "link", { whmcs_client_id: id });
  };
  const renumber = () => {
    const number = prompt("Which customer number?", account.number);
    if (number !== null) go("number changed", "number", { number });
  };
  return el("li", {},
    el("span", {}, el("b", {}, account.number || "no number"), ` ${account.name}`, el("div", { class: "small soft" }, account.whmcs_account || "not linked", account.portal_status ? ` · ${account.portal_status}` : "")),
    el("span", { class: "row" }, account.whmcs_account ? button("Unlink", () => go("unlinked", "unlink")) : button("Link", link), button("Number", renumber)));
}
function caseRow(one) {
  const go = (words, what, body) => act(`Case ${one.CaseNumber}: ${words}`, "POST", `salesforce/cases/${one.Id}/${what}`, body);
  const button = (words, handler, kind = "") => el("button", { class: kind, onclick: handler, "aria-label": `${words} case ${one.CaseNumber}` }, words);
  const reply = () => {
    const text = prompt("Reply to the customer");
    if (text) go("answered", "reply", { text });
  };
  const email = () => {
    const text = prompt("E-mail to the customer");
    if (text) go("answered by e-mail", "email", { text });
  };
  const note = () => {
    const text = prompt("Note among staff: the customer never sees it");
    if (text) go("noted", "reply", { text, published: false });
  };
  const file = () => {
    const name = prompt("A file for the customer called", "letter.pdf");
    if (name) go("file attached", "file", { name });
  };
  return el("li", {},
    el("span", {}, el("b", {}, one.Subject || "(no subject)"), el("div", { class: "small soft" }, `${one.CaseNumber} ${one.number} ${one.account} · ${one.Status}`)),
    el("span", { class: "row" }, button("Start", () => go("begun", "start")), button("Approve", () => go("approved", "approve"), "main"), button("Reject", () => go("rejected", "reject")), button("Close", () => go("closed", "close")),
      button("Wait", () => go("waits for the customer", "wait")), button("Reply", reply), button("E-mail", email), button("Note", note), button("File", file)));
}
async function showSalesforce() {
  const search = encodeURIComponent($("sf-search").value);
  const [accounts, cases, usage] = await Promise.all([api("GET", `salesforce/accounts?limit=30&search=${search}`), api("GET", `salesforce/cases?open=yes&limit=20&search=${encodeURIComponent($("sf-case-search").value)}`), api("GET", "salesforce/requests")]);
  $("sf-usage").textContent = `${usage.used.toLocaleString("en-US")} calls, ${usage.sessions} sessions`;
  if (!changed("salesforce", [accounts, cases])) return;
  $("sf-accounts").replaceChildren(...accounts.map(accountRow));
  if (!accounts.length) $("sf-accounts").replaceChildren(el("li", { class: "soft" }, "No account matches."));
  $("sf-cases").replaceChildren(...cases.map(caseRow));
  if (!cases.length) $("sf-cases").replaceChildren(el("li", { class: "soft" }, "Nothing waits."));
}
panels.push(showSalesforce);
$("sf-case-search").addEventListener("input", showSalesforce);
$("sf-search").addEventListener("input", showSalesforce);
$("sf-expire").addEventListener("click", () => act("All sessions ended", "POST", "salesforce/sessions/expire"));
showSalesforce();
