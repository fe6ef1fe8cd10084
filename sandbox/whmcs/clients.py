"""Clients: the billing accounts. A client is not a user; their ids never coincide.

Source: WHMCS API reference, GetClients, GetClientsDetails, AddClient, UpdateClient.
"""

from __future__ import annotations

import json
import re
import uuid

from sandbox import money
from sandbox.store import Row
from sandbox.whmcs import forms, letters, php
from sandbox.whmcs.clientstats import client_stats
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.passwords import hashed
from sandbox.whmcs.registry import Call, Refusal, action, paging

CLIENT_FIELDS = {
    198: "Customer Number",
    199: "Date of Birth",
    200: "Gender",
    201: "Nationality",
    202: "Portal User",
}
PREFERENCES = ("general", "invoice", "support", "product", "domain", "affiliate")
PLAIN_FIELDS = [
    "firstname",
    "lastname",
    "companyname",
    "email",
    "address1",
    "address2",
    "city",
    "state",
    "postcode",
    "country",
    "phonenumber",
    "tax_id",
    "notes",
    "status",
    "language",
]
MISSING = {  # [D] two spaces before "address", as documented
    "firstname": "You did not enter your first name",
    "lastname": "You did not enter your last name",
    "email": "You did not enter your email address",
    "address1": "You did not enter your  address line 1",
    "city": "You did not enter your city",
    "state": "You did not enter your state",
    "postcode": "You did not enter your postcode",
    "phonenumber": "You did not enter your phone number",
}
PHONE = re.compile(r"\+?[0-9 .()-]{5,25}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
ICANN = (  # [D] goes on after this sentence; how, the reference does not say
    "You must have at least one email address enabled to receive domain related notifications as required by ICANN."
)
SORTS = ("id", "firstname", "lastname", "companyname", "email", "groupid", "datecreated", "status")


@action("GetClients")
def get_clients(call: Call) -> Reply:
    """`search` matches the beginning of email, first, last, full or company name."""
    where, values = ["1"], []
    if call.text("search"):
        pattern = call.text("search").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        names = ("email", "firstname", "lastname", "firstname || ' ' || lastname", "companyname")
        where.append("(" + " OR ".join(f"{name} LIKE ? ESCAPE '\\'" for name in names) + ")")
        values += [pattern] * len(names)
    if call.text("status"):
        where.append("status = ? COLLATE NOCASE")
        values.append(call.text("status"))
    condition, (start, size) = " AND ".join(where), call.page()
    order = call.text("orderby") if call.text("orderby") in SORTS else "id"
    direction = "DESC" if call.text("sorting").upper() == "DESC" else "ASC"
    columns = "id, firstname, lastname, companyname, email, datecreated, groupid, status"
    sql = f"SELECT {columns} FROM clients WHERE {condition} ORDER BY {order} {direction}, id LIMIT ? OFFSET ?"
    total = call.world.store.value(f"SELECT COUNT(*) FROM clients WHERE {condition}", *values)
    rows = [row | {"unlisted_tier": ""} for row in call.world.store.rows(sql, *values, size, start)]
    return paging(total, start, rows) | {"clients": Rows(rows, "client")}


@action("GetClientsDetails")
def get_clients_details(call: Call) -> Reply:
    """The same keys under `client` and again at the top level. `stats` only on request."""
    if call.text("clientid"):
        row = call.world.store.get("clients", call.number("clientid"))
    elif call.text("email"):
        sql = "SELECT * FROM clients WHERE email = ? COLLATE NOCASE ORDER BY id"
        row = call.world.store.row(sql, call.text("email"))
    else:
        raise Refusal("Either clientid Or email Is Required")
    if row is None:
        raise Refusal("Client Not Found")
    details = _details(call, row)
    reply = details | {"client": details}
    if call.flag("stats"):
        reply["stats"] = client_stats(call.world, row)
    return reply


def _details(call: Call, row: Row) -> Reply:
    users = call.world.store.rows(
        """SELECT u.id, u.firstname || ' ' || u.lastname AS name, u.email, uc.is_owner FROM users u
           JOIN user_clients uc ON uc.user_id = u.id WHERE uc.client_id = ? ORDER BY uc.is_owner DESC, u.id""",
        row["id"],
    )
    owner = next((user["id"] for user in users if user["is_owner"]), 0)
    values = json.loads(row["customfields"])
    fields = [{"id": field_id, "value": values.get(str(field_id), "")} for field_id in CLIENT_FIELDS]
    chosen = json.loads(row["email_preferences"])
    told = bool(call.world.store.value("SELECT 1 FROM marketing_consents WHERE client_id = ?", row["id"]))
    return {
        "userid": row["id"],
        "id": row["id"],
        "client_id": row["id"],
        "owner_user_id": owner,
        "uuid": row["uuid"],
        **{name: row[name] for name in ("firstname", "lastname")},
        "fullname": f"{row['firstname']} {row['lastname']}",
        **{name: row[name] for name in ("companyname", "email", "address1", "address2", "city", "state", "postcode")},
        "fullstate": row["state"],
        "statecode": row["state"],
        "countrycode": row["country"],
        "country": row["country"],
        "countryname": "Japan" if row["country"] == "JP" else row["country"],
        "phonecc": 81,
        "phonenumber": row["phonenumber"],
        "phonenumberformatted": _formatted(row["phonenumber"]),
        "telephoneNumber": _formatted(row["phonenumber"]),
        "tax_id": row["tax_id"],
        "email_preferences": {name: chosen.get(name, "1") for name in PREFERENCES},
        "billingcid": 0,
        "notes": row["notes"],
        "currency": 1,
        "currency_code": "JPY",
        "defaultgateway": row["defaultgateway"],
        "groupid": row["groupid"],
        "status": row["status"],
        "credit": money.text(row["credit"]),
        "taxexempt": False,
        "latefeeoveride": False,
        "overideduenotices": False,
        "separateinvoices": True,
        "disableautocc": False,
        "emailoptout": False,
        "marketing_emails_opt_in": told,
        "overrideautoclose": False,
        "allowSingleSignOn": row["allow_sso"],
        "email_verified": True,
        "isOptedInToMarketingEmails": told,
        "language": row["language"],
        "lastlogin": row["lastlogin"] or "No Login Logged",
        "customfields": fields,
        **{f"customfields{place}": field["value"] for place, field in enumerate(fields, 1)},
        "users": Rows([user | {"is_owner": bool(user["is_owner"])} for user in users], "user"),
        "unlisted_consent": {"version": "", "at": "0000-00-00 00:00:00"},
    }


def _formatted(phone: str) -> str:
    digits = re.sub(r"\D", "", phone)
    return f"+81.{digits.removeprefix('0')}" if digits else ""


@action("AddClient")
def add_client(call: Call) -> Reply:
    """Not idempotent on its own, but an e-mail can be used once. Returns both new ids."""
    store, email = call.world.store, call.text("email")
    owner_id = call.number("owner_user_id")
    if owner_id and store.get("users", owner_id) is None:
        raise Refusal("Invalid Owner User ID")
    required = ("email",) if call.flag("skipvalidation") else MISSING
    for name in required:
        if not call.text(name):
            raise Refusal(MISSING[name])
    if not EMAIL.fullmatch(email):
        raise Refusal("The email address you entered was not valid")
    if not re.fullmatch("[A-Z]{2}", call.text("country") or "JP"):
        raise Refusal("Valid country required")
    if call.text("phonenumber") and not PHONE.fullmatch(call.text("phonenumber")) and not call.flag("skipvalidation"):
        raise Refusal("Invalid telephone phone number")  # [U] which numbers are refused
    wanted = call.world.faults.profile.required_client_fields
    sent = json.loads(_custom_fields(call, {}))
    for field_id in wanted:
        if not sent.get(str(field_id)) and not call.flag("skipvalidation"):
            name = CLIENT_FIELDS.get(field_id, str(field_id))
            raise Refusal(f"You did not provide required custom field value for {name}")
    if not owner_id and not call.text("password2"):
        raise Refusal("You did not enter a password")  # [U] the reference requires it, the wording is AddUser's
    if not owner_id and store.row("SELECT id FROM users WHERE email = ? COLLATE NOCASE", email):
        raise Refusal("A user already exists with that email address")
    if store.row("SELECT id FROM clients WHERE email = ? COLLATE NOCASE", email):
        raise Refusal("The email address entered is not available for use.")
    today = call.world.clock.today().isoformat()
    fields = {name: call.text(name) for name in PLAIN_FIELDS if call.text(name)}
    client_id = store.insert(
        "clients", uuid=str(uuid.uuid4()), datecreated=today, customfields=_custom_fields(call, {}), **fields
    )
    _consent(call, client_id)
    if not owner_id:
        names = {"firstname": call.text("firstname"), "lastname": call.text("lastname")}
        owner_id = store.insert(
            "users", email=email, password=hashed(call.text("password2")), datecreated=today, **names
        )
    store.insert("user_clients", user_id=owner_id, client_id=client_id, is_owner=1)
    if not call.flag("noemail"):
        letters.write(call.world, client_id, "Welcome", "Your account has been made.")
    call.world.hooks.fire("ClientAdd", client_id=client_id, user_id=owner_id, userid=client_id)  # [U] for API calls
    return {"clientid": client_id, "owner_id": owner_id}


@action("UpdateClient")
def update_client(call: Call) -> Reply:
    """Only what is sent changes; an empty string blanks a field. The id comes back as the string it was sent as."""
    store = call.world.store
    if call.text("clientid"):
        row = store.get("clients", call.number("clientid"))
    else:
        row = store.row("SELECT * FROM clients WHERE email = ? COLLATE NOCASE", call.text("clientemail"))
    if row is None:
        raise Refusal("Client ID Not Found")
    changed = {name: call.text(name) for name in PLAIN_FIELDS if name in call.params}
    _check_email(call, row, changed.get("email"))
    if "paymentmethod" in call.params:
        changed["defaultgateway"] = call.text("paymentmethod")
    if "customfields" in call.params:
        changed["customfields"] = _custom_fields(call, json.loads(row["customfields"]))
    chosen = forms.array(call.params, "email_preferences")
    if chosen:
        if chosen.get("domain") == "0" and chosen.get("general") == "0":  # [U] which combination counts
            raise Refusal(ICANN)
        changed["email_preferences"] = json.dumps(json.loads(row["email_preferences"]) | chosen)
    store.update("clients", row["id"], **changed)
    _consent(call, row["id"])
    call.world.hooks.fire("ClientEdit", userid=row["id"], uuid=row["uuid"], status=changed.get("status", row["status"]))
    return {"clientid": call.text("clientid") or str(row["id"])}


def _consent(call: Call, client_id: int) -> None:
    """Whether advertising may be mailed; what is not sent stays."""
    if "marketingoptin" not in call.params:
        return
    store = call.world.store
    store.execute("DELETE FROM marketing_consents WHERE client_id = ?", client_id)
    if call.flag("marketingoptin"):
        store.execute("INSERT INTO marketing_consents (client_id) VALUES (?)", client_id)


def _check_email(call: Call, row: Row, email: str | None) -> None:
    if email is None:
        return
    if not EMAIL.fullmatch(email):
        raise Refusal("The email address entered is not valid")
    if call.world.store.row("SELECT id FROM clients WHERE email = ? COLLATE NOCASE AND id <> ?", email, row["id"]):
        raise Refusal("Duplicate Email Address")


def _custom_fields(call: Call, stored: dict[str, str]) -> str:
    """A badly encoded value is ignored silently [U]; so is an id that is no field of ours [U]."""
    try:
        sent = php.decode_field(call.text("customfields")) if call.text("customfields") else {}
    except php.NotSerialized:
        sent = {}
    known = {str(key): str(value) for key, value in sent.items() if key in CLIENT_FIELDS}
    return json.dumps(stored | known, ensure_ascii=False)
