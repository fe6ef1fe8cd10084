"use strict";
// Lines of the mobile network; helpers are those of console.js, which is loaded first.
const WHICH_CODE = "With which code? 400-501 other holder, 400-502 reservation over, 400-503 reservation used, 400-401 no such plan";
function simRow(sim) {
  const go = (words, what, body) => act(`${sim.account}: ${words}`, "POST", `freebit/sims/${sim.account}/${what}`, body);
  const button = (words, handler, kind = "") => el("button", { class: kind, onclick: handler, "aria-label": `${words} ${sim.account}` }, words);
  const reject = () => {
    const code = prompt(WHICH_CODE, "400-501");
    if (code) go("rejected", "reject", { code });
  };
  const state = [sim.status, sim.code, sim.words, sim.waits_for && `${sim.waits_for} waits`].filter(Boolean).join(" · ");
  return el("li", { style: "flex-wrap:wrap" },
    el("span", {}, el("b", {}, sim.account), ` ${sim.form}`, el("div", { class: "small soft" }, `${sim.eid || sim.product_number} · ${sim.plan} · ${state}`)),
    el("span", { class: "row" },
      ...(sim.waits_for ? [button("Complete", () => go("completed", "complete"), "main"), button("Reject", reject)] : []),
      ...(sim.status === "active" && !sim.waits_for ? [button("Suspend", () => go("suspended", "suspend"))] : []),
      ...(sim.status === "suspended" ? [button("Resume", () => go("resumed", "resume"))] : [])));
}
async function showSims() {
  const sims = await api("GET", `freebit/sims?limit=20&search=${encodeURIComponent($("fb-search").value)}`);
  if (!changed("sims", sims)) return;
  $("fb-sims").replaceChildren(...sims.map(simRow));
  if (!sims.length) $("fb-sims").replaceChildren(el("li", { class: "soft" }, "No line matches."));
}
async function showPlanned() {
  const planned = (await api("GET", "freebit/behaviour")).next_codes;
  $("fb-planned").textContent = planned.length ? `next: ${planned.join(", ")}` : "";
  $("fb-forget").hidden = !planned.length;
}
panels.push(showSims, showPlanned);
$("fb-search").addEventListener("input", showSims);
$("fb-next").addEventListener("click", () => {
  const code = prompt(WHICH_CODE, "400-501");
  if (code) act(`The next activation ends with ${code}`, "POST", "freebit/next", { code });
});
$("fb-forget").addEventListener("click", () => act("The next activations end well", "DELETE", "freebit/next"));
showSims();
showPlanned();
