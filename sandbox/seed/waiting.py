"""People with a customer number in Salesforce whom WHMCS has never heard of, each for one way a sign-up can go."""

from __future__ import annotations

from typing import Any


def _person(number: str, last: str, first: str, email: str = "", **more: Any) -> dict[str, Any]:
    return {"SF_Account_No__c": number, "LastName": last, "FirstName": first, "Email": email} | more


FACTS = {
    "MobilePhone": "090-1234-5678",
    "Birthdate": "1990-05-17",
    "MailingPostalCode": "150-0002",
    "MailingState": "東京都",
    "MailingCity": "渋谷区",
    "MailingStreet": "渋谷2-1-1",
    "BuildingName__c": "渋谷ハイツ",
    "RoomNumber__c": "305",
    "MailingCountry": "Japan",
}
LINKED = {"WH_Account__c": "#9004 - Jiro Saito", "Portal_Status__c": "Active"}

WAITING: list[dict[str, Any]] = [
    _person("C-200001", "鈴木", "真由美", "signup@example.com", **FACTS),  # the e-mail proves it
    _person("C-200002", "高橋", "翔", "old.address@example.com", **FACTS),  # another e-mail: two facts prove it
    _person("C-200003", "Nguyễn", "Linh"),  # no facts on file: staff decide
    _person("C-200004", "斎藤", "次郎", "linked@example.com", **FACTS, **LINKED),
    _person("C-200005", "田中", "一郎", "legacy@example.com", **FACTS),  # an e-mail that WHMCS knows as client 1003
    _person("C-200006", "山本", "結衣", "twice.first@example.com", **FACTS),
    _person("C-200006", "山本", "ゆい", "twice.second@example.com", **FACTS),  # the same number on two accounts
    _person("C-200007", "O'Brien", "Sean", "SEAN@Example.com", **(FACTS | {"MobilePhone": "+81 90 1234 5678"})),
    *(_person(f"C-2000{one}", "新規", f"試験{one}", f"newcomer{one}@example.com", **FACTS) for one in range(10, 30)),
]
