"use strict";
// Lines of the mobile network; helpers are those of console.js, which is loaded first.
function simRow(sim) {
  const go = (words, what, body) => act(`${sim.account}: ${words}`, "POST", `freebit/sims/${sim.account}/${what}`, body);
  const button = (words, handler, kind = "") => el("button", { class: kind, onclick: handler, "aria-label": `${words} ${sim.account}` }, words);
  const reject = () => {
    const code = prompt("With which code?", "400-501");
    if (code) go("rejected", "reject", { code });
  };
  const state = [sim.status, sim.code, sim.waits_for && `${sim.waits_for} waits`].filter(Boolean).join(" · ");
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
panels.push(showSims);
$("fb-search").addEventListener("input", showSims);
$("fb-next").addEventListener("click", () => {
  const code = prompt("With which code?", "400-501");
  if (code) act(`The next activation ends with ${code}`, "POST", "freebit/next", { code });
});
showSims();
