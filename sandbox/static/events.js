"use strict";
// Salesforce events: who listens, what was published, what goes wrong; helpers are those of console.js, which is loaded first.
const EVENTS = "salesforce/events";
function streamRow(stream) {
  return el("li", {}, el("span", {}, el("b", {}, stream.topic), el("div", { class: "small soft" }, `${stream.delivered} delivered · credit ${stream.credit}`)));
}
function eventRow(event) {
  return el("tr", {}, el("td", {}, event.entity), el("td", { class: "mono small" }, event.event_id || event.replay_id));
}
async function showEvents() {
  const state = await api("GET", `${EVENTS}?limit=20`);
  if (!changed("events", state)) return;
  const troubles = state.troubles.map((one) => `${one.kind} × ${one.times}`);
  $("ev-state").textContent = [state.endpoint || "endpoint away", state.silent && "silent", ...troubles].filter(Boolean).join(" · ");
  $("ev-streams").replaceChildren(...state.streams.map(streamRow));
  if (!state.streams.length) $("ev-streams").replaceChildren(el("li", { class: "soft" }, "Nobody listens."));
  $("ev-log").replaceChildren(...state.events.map(eventRow));
}
panels.push(showEvents);
$("ev-trouble").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  act(`Next event: ${form.get("kind")}`, "POST", `${EVENTS}/troubles`, { kind: form.get("kind"), times: Number(form.get("times")) });
});
for (const [what, words] of [["disconnect", "Streams cut"], ["silence", "Silent"], ["stop", "Endpoint away"], ["start", "Endpoint back"], ["corrupt-replay", "Replay ids are worthless"]]) {
  $(`ev-${what}`).addEventListener("click", () => act(words, "POST", `${EVENTS}/${what}`));
}
$("ev-heal").addEventListener("click", () => act("Events healed", "DELETE", `${EVENTS}/troubles`));
showEvents();
