"""The sandbox's operator console, as a test drives it: what staff of the billing system would do, and faults."""

from typing import Any, cast

import httpx

DEMO_CLIENT = 1001
SECOND_CLIENT = 1002


class Console:
    """One running sandbox. Every method speaks its HTTP console."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/console/api", timeout=10)

    def _ask(self, method: str, path: str, **body: Any) -> Any:
        answer = self._http.request(method, path, json=body if method in ("POST", "PATCH") else None)
        answer.raise_for_status()
        return answer.json()

    def client(self, whmcs_client_id: int = DEMO_CLIENT) -> dict[str, Any]:
        """Profile, invoices, services and WHMCS's own `stats` of one client."""
        return cast("dict[str, Any]", self._ask("GET", f"/clients/{whmcs_client_id}"))

    def new_invoice(self, *lines: tuple[str, int], whmcs_client_id: int = DEMO_CLIENT, due_in_days: int = 14) -> int:
        """Id of a new unpaid invoice; each line is a description and yen."""
        items = [{"description": text, "amount": amount} for text, amount in lines or (("Test line", 1000),)]
        made = self._ask("POST", f"/clients/{whmcs_client_id}/invoices", items=items, due_in_days=due_in_days)
        return int(made["invoiceid"])

    def pay(self, whmcs_invoice_id: int) -> None:
        """Money arrives: the transaction is written and the hooks fire."""
        self._ask("POST", f"/invoices/{whmcs_invoice_id}/pay")

    def change_service(self, whmcs_service_id: int, what: str) -> None:
        """`suspend`, `unsuspend` or `terminate` a service; the hook fires."""
        self._ask("POST", f"/services/{whmcs_service_id}/{what}")

    def fail(
        self,
        kind: str,
        *,
        system: str = "whmcs",
        action: str = "*",
        times: int | None = None,
        delay_ms: int | None = None,
    ) -> None:
        """Make WHMCS or Salesforce misbehave (`down`, `slow`, `http500` ...) until `heal`, or so many times."""
        self._ask("POST", "/faults", system=system, action=action, kind=kind, times=times, delay_ms=delay_ms)

    def heal(self) -> None:
        """Everything answers again."""
        self._ask("DELETE", "/faults")

    def calls(self, action: str = "", limit: int = 1000) -> list[dict[str, Any]]:
        """What reached WHMCS, newest last."""
        listed = self._ask("GET", f"/calls?limit={limit}")
        return [call for call in listed if not action or call["action"] == action]

    def forget_calls(self) -> None:
        self._ask("DELETE", "/calls")

    def find_clients(self, search: str) -> list[dict[str, Any]]:
        """Clients whose name, number or address begins so."""
        return cast("list[dict[str, Any]]", self._ask("GET", f"/clients?search={search}"))

    def mail(self) -> list[dict[str, Any]]:
        """Everything that arrived, newest first."""
        return cast("list[dict[str, Any]]", self._ask("GET", "/mail"))

    def accounts(self, search: str) -> list[dict[str, Any]]:
        """Salesforce accounts by number or name."""
        return cast("list[dict[str, Any]]", self._ask("GET", f"/salesforce/accounts?search={search}"))

    def contacts_of(self, number: str) -> list[dict[str, Any]]:
        """The contacts of the account with that customer number."""
        (account,) = self.accounts(number)
        return cast("list[dict[str, Any]]", self._ask("GET", f"/salesforce/accounts/{account['id']}")["contacts"])

    def decide_availability(self, account_id: str, status: str, offering: str = "") -> None:
        """Staff's answer for an account: `Eligible` with what can be had, `Ineligible`, `Pending`, `Not Requested`."""
        self._ask("POST", f"/salesforce/accounts/{account_id}/availability", status=status, offering=offering)

    def review_document(self, account_id: str, status: str, reason: str = "") -> None:
        """Staff's answer about an identity document: `Verified`, or `Rejected` with a reason."""
        self._ask("POST", f"/salesforce/accounts/{account_id}/document", status=status, reason=reason)

    def orders_of(self, account_id: str) -> list[dict[str, Any]]:
        """The orders of one account, newest first; `lines` is how many each has."""
        number = self._ask("GET", f"/salesforce/accounts/{account_id}")["account"]["SF_Account_No__c"]
        return [one for one in self._ask("GET", "/salesforce/orders?limit=200") if one["number"] == number]

    def decide_order(self, order_id: str, what: str) -> None:
        """`approve`, `reactivate`, `reject` or `cancel` an order, as staff do."""
        self._ask("POST", f"/salesforce/orders/{order_id}/{what}")

    def record(self, record_id: str) -> dict[str, Any]:
        """Any Salesforce record, by API names."""
        return cast("dict[str, Any]", self._ask("GET", f"/salesforce/records/{record_id}"))

    def change_record(self, record_id: str, **fields: Any) -> None:
        """Fields of any Salesforce record by API name, as staff change them."""
        self._ask("PATCH", f"/salesforce/records/{record_id}", **fields)

    def fill_in_sim(self, order_id: str) -> str:
        """Staff take a number from the drawer for a SIM order; the number."""
        number = str(self._ask("GET", "/freebit/stock")["phone_number"])
        self._ask("POST", f"/salesforce/orders/{order_id}/sim", phone_number=number)
        return number

    def reject_next_activation(self, code: str) -> None:
        """The mobile network accepts the next request for a line, and ends it with that code."""
        self._ask("POST", "/freebit/next", code=code)

    def sim(self, number: str) -> dict[str, Any]:
        """One line at the mobile network, with every request that was accepted for it."""
        return cast("dict[str, Any]", self._ask("GET", f"/freebit/sims/{number}"))

    def cases(self) -> list[dict[str, Any]]:
        """Open Salesforce cases."""
        return cast("list[dict[str, Any]]", self._ask("GET", "/salesforce/cases?open=yes"))

    def cases_of(self, number: str) -> list[dict[str, Any]]:
        """Every Salesforce case of one customer number, newest first."""
        return cast("list[dict[str, Any]]", self._ask("GET", f"/salesforce/cases?search={number}"))

    def case(self, case_id: str) -> dict[str, Any]:
        """One case with `comments`, `emails` and `files`, whoever may see them."""
        return cast("dict[str, Any]", self._ask("GET", f"/salesforce/cases/{case_id}"))

    def reply(self, case_id: str, text: str) -> None:
        """Staff answer a question where the customer can read it."""
        self._ask("POST", f"/salesforce/cases/{case_id}/reply", text=text)

    def decide(self, case_id: str, what: str) -> None:
        """`approve`, `reject`, `close` or `reopen` a case, as staff do."""
        self._ask("POST", f"/salesforce/cases/{case_id}/{what}")

    def take_order(self, number: str, *skus: str) -> str:
        """Staff take an order on the telephone for the account with that number; its id."""
        (account,) = self.accounts(number)
        return str(self._ask("POST", f"/salesforce/accounts/{account['id']}/orders", skus=skus)["Id"])

    def hostile(self, whmcs_client_id: int | None = None, *, catalogue: bool = False) -> str:
        """Every free text of that client, and of what all share, ends so from now on; how. Ids and choices stay."""
        made = self._ask("POST", "/hostile", whmcs_client_id=whmcs_client_id, catalogue=catalogue)
        return str(made["ending"])

    def close(self) -> None:
        self._http.close()
