"""Users: the people who sign in, and their check of a password.

Source: WHMCS API reference, ValidateLogin, GetUsers.
"""

from __future__ import annotations

import secrets

from sandbox.store import Row
from sandbox.whmcs.encode import Reply, Rows
from sandbox.whmcs.passwords import matches
from sandbox.whmcs.registry import Call, Refusal, action, paging


@action("ValidateLogin")
def validate_login(call: Call) -> Reply:
    """Answers the USER id. With two-factor the password was right, but there is no passwordhash.

    The flag is a string as in the documented sample; with the `ints` profile it is a bool as documented in words.
    """
    sql = "SELECT * FROM users WHERE email = ? COLLATE NOCASE"
    user = call.world.store.row(sql, call.text("email"))
    if user is None or not matches(call.text("password2"), user["password"]):
        raise Refusal("Email or Password Invalid")
    now = call.world.clock.local().strftime("%d/%m/%Y %H:%M")
    seen = f"Date: {now}<br>IP Address: 127.0.0.1<br>Host: localhost"
    owned = "SELECT client_id FROM user_clients WHERE user_id = ? AND is_owner"
    call.world.store.execute(f"UPDATE clients SET lastlogin = ? WHERE id IN ({owned})", seen, user["id"])
    two_factor = bool(user["two_factor"])
    reply: Reply = {"userid": user["id"]}
    if not two_factor:
        reply["passwordhash"] = secrets.token_hex(32)
    as_bool = call.world.faults.profile.ids == "ints"
    return reply | {"twoFactorEnabled": two_factor if as_bool else str(two_factor).lower()}


@action("GetUsers")
def get_users(call: Call) -> Reply:
    """A flat list. `search` matches the beginning of email, first, last or full name."""
    pattern = call.text("search").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    names = ("email", "firstname", "lastname", "firstname || ' ' || lastname")
    condition = " OR ".join(f"{name} LIKE ? ESCAPE '\\'" for name in names)
    start, size = call.page()
    direction = "DESC" if call.text("sorting").upper() == "DESC" else "ASC"
    sql = f"SELECT * FROM users WHERE {condition} ORDER BY id {direction} LIMIT ? OFFSET ?"
    values = [pattern] * len(names)
    total = call.world.store.value(f"SELECT COUNT(*) FROM users WHERE {condition}", *values)
    rows = [_user(call, row) for row in call.world.store.rows(sql, *values, size, start)]
    return paging(total, start, rows) | {"users": Rows(rows)}


def _user(call: Call, row: Row) -> Reply:
    links = call.world.store.rows("SELECT * FROM user_clients WHERE user_id = ? ORDER BY client_id", row["id"])
    plain = {name: row[name] for name in ("id", "firstname", "lastname", "email")}
    clients = [{"id": link["client_id"], "isOwner": bool(link["is_owner"])} for link in links]
    more = {"datecreated": f"{row['datecreated']} 09:00:00", "validationdata": "", "unlisted_locale": None}
    return plain | more | {"clients": clients}
