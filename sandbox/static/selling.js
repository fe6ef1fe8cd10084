"use strict";
// Orders, availability, documents and prices; helpers are those of console.js, which is loaded first.
function orderRow(order) {
  const go = (words, what) => act(`Order ${order.OrderNumber}: ${words}`, "POST", `salesforce/orders/${order.Id}/${what}`);
  const button = (words, what, done, kind = "") => el("button", { class: kind, onclick: () => go(done, what), "aria-label": `${words} order ${order.OrderNumber}` }, words);
  const ask = (words, run) => el("button", { onclick: run, "aria-label": `${words} of order ${order.OrderNumber}` }, words);
  const day = order.Activation_Scheduled_At__c && new Date(order.Activation_Scheduled_At__c).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
  const state = [order.Status, order.Activation_Status__c, order.Activation_Error_Code__c, day && `from ${day}`, order.SIM_Phone_Number__c, order.SIM_Product_Number__c].filter(Boolean).join(" · ");
  const waits = ["Draft", "Pending Review"].includes(order.Status), runs = order.Status === "Approved" && order.Activation_Status__c !== "Activated";
  const stands = runs && order.Activation_Status__c !== "Activating";
  return el("li", { style: "flex-wrap:wrap" },
    el("span", {}, el("b", {}, `${order.Type || "Order"} ${order.OrderNumber}`), el("div", { class: "small soft", title: order.Activation_Error_Message__c || "" }, `${order.number} · ${order.lines} lines · ${state}`)),
    el("span", { class: "row" },
      ...(waits ? [button("Approve", "approve", "approved", "main")] : []),
      ...(stands ? [button("Reactivate", "reactivate", "activated again", "main")] : []),
      ...((waits || runs) && order.Type === "SIM" ? [ask("SIM", () => fillInSim(order))] : []),
      ...(waits || runs ? [ask("Day", () => setDay(order, day))] : []),
      ...(waits ? [button("Reject", "reject", "rejected")] : []),
      ...(waits || runs ? [button("Cancel", "cancel", "cancelled")] : [])));
}
async function fillInSim(order) {
  const free = await api("GET", "freebit/stock");
  const phone_number = prompt("Phone number of the line", order.SIM_Phone_Number__c || order.MNP_Phone_Number__c || free.phone_number);
  if (phone_number === null) return;
  const card = order.SIM_Type__c !== "eSIM";
  const product_number = card ? prompt("Number printed on the card", order.SIM_Product_Number__c || free.product_number) : null;
  act(`Order ${order.OrderNumber}: SIM filled in`, "POST", `salesforce/orders/${order.Id}/sim`, product_number === null ? { phone_number } : { phone_number, product_number });
}
function setDay(order, day) {
  const on = prompt("Starts on (empty: at once)", day || "");
  if (on !== null) act(`Order ${order.OrderNumber}: ${on || "starts at once"}`, "POST", `salesforce/orders/${order.Id}/schedule`, { on: on.trim() });
}
async function showOrders() {
  const orders = await api("GET", "salesforce/orders?limit=20");
  if (!changed("orders", orders)) return;
  $("sf-orders").replaceChildren(...orders.map(orderRow));
  if (!orders.length) $("sf-orders").replaceChildren(el("li", { class: "soft" }, "No orders yet."));
}
async function onAccount(event, run) {
  event.preventDefault();
  const form = new FormData(event.target);
  const number = String(form.get("number")).trim();
  const account = (await api("GET", `salesforce/accounts?search=${encodeURIComponent(number)}`)).find((one) => one.number === number);
  if (account) run(account, form);
  else say(`No account ${number}`);
}
panels.push(showOrders);
$("sf-availability").addEventListener("submit", (event) => onAccount(event, (account, form) => {
  const offering = form.get("offering");
  act(`${account.number}: ${offering || "not available"}`, "POST", `salesforce/accounts/${account.id}/availability`, { status: offering ? "Eligible" : "Ineligible", offering, notes: form.get("notes") });
}));
$("sf-document").addEventListener("submit", (event) => onAccount(event, (account, form) => {
  const reason = form.get("reason");
  act(`${account.number}: document ${reason ? "rejected" : "verified"}`, "POST", `salesforce/accounts/${account.id}/document`, { status: reason ? "Rejected" : "Verified", reason });
}));
$("sf-price").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  act(`${form.get("sku")}: price changed`, "POST", "salesforce/prices", { sku: form.get("sku"), price: Number(form.get("price")) });
});
showOrders();
