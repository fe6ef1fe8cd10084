"""The bad-input catalogue against the doors of becoming a customer: each line gives its field error, never a 5xx."""

import json

import pytest

from portal_app import routes
from tests.fakes.becoming_world import EMAIL, PASSWORD
from tests.fakes.entrance import SIGN_UP

ZERO_WIDTH, RTL = "\u200b\u200d\u2060", "\u202e"

EMAILS = {
    "row 1 empty": "",
    "row 2 only spaces": "   ",
    "row 3 no at": "hanako.example.com",
    "row 4 two at": "hanako@x@example.com",
    "row 5 255 characters": "a" * 60 + "@" + ".".join(["b" * 60] * 3) + "." + "c" * 11,
    "row 6 65-character local part": "a" * 65 + "@example.com",
    "row 7 newline and Bcc": "hanako@example.com\nBcc: x@example.com",
    "row 8 NUL": "hana\x00ko@example.com",
    "row 9 U+202E": f"hana{RTL}ko@example.com",
    "row 10 Cyrillic look-alike": "hаnako@example.com",
    "row 12 no dot": "a@b",
    "row 13 quoted local part": '"hanako"@example.com',
    "row 29 tag": "<script>@example.com",
    "row 33 zero width": f"{ZERO_WIDTH}@example.com",
}
PASSWORDS = {
    "row 16 empty": "",
    "row 17 one below the minimum": "x7-qLm2-vTz",
    "row 18 257 characters": "q7" * 128 + "x",
    "row 21 NUL inside": "harbour\x00lantern 58",
    "row 24 only spaces": " " * 14,
    "row 25 block-listed": "password1234",
    "row 26 equals e-mail": EMAIL,
    "row 26 equals the customer's own name": "HanakoYamada",
}
NAMES = {
    "row 16 empty": "",
    "row 29 tag": "<script>alert(1)</script>",
    "row 30 template": "{{7*7}}",
    "row 31 formula": "=cmd|' /C calc'!A0",
    "row 32 10,000 characters": "a" * 10_000,
    "row 33 zero width only": ZERO_WIDTH,
    "row 34 RTL override": f"Hana{RTL}ko",
    "row 35 control characters": "Hana\x07ko",
    "row 36 CR LF": "Hanako\r\nX-Header: 1",
    "row 38 SQL": "'; DROP TABLE users; --",
    "row 39 encoded CR LF": "Hanako%0d%0aX",
}
PHONES = {
    "empty": "",
    "row 41 letters": "call me maybe",
    "row 44 20 digits": "0" * 20,
    "row 36 CR LF": "03-1234-5678\r\n1",
    "row 35 control characters": "03\x001234\x005678",
    "not Japanese": "+1 202 555 0100",
}
POSTAL_CODES = {
    "empty": "",
    "row 45 six digits": "150-001",
    "row 45 eight digits": "150-00011",
    "row 41 letters": "ABC-DEFG",
    "row 36 CR LF": "150-\r\n0001",
}
ADDRESSES = {
    "empty": "",
    "row 29 tag": "<script>",
    "row 32 10,000 characters": "a" * 10_000,
    "row 51 three lines of 500": "\n".join(["x" * 500] * 3),
    "row 34 RTL override": f"1-2-3 {RTL}Jingumae",
    "row 35 control characters": "1-2-3\x1bJingumae",
}
NUMBERS = {
    "empty": "",
    "row 29 tag": "<script>",
    "row 32 10,000 characters": "C" * 10_000,
    "row 38 SQL": "C-1001' OR '1'='1",
    "SOQL": "C-1001' OR Name LIKE '%",
    "row 62 path": "../User/005000000000001",
    "row 63 query": "C-1001?fields=Name",
    "row 36 CR LF": "C-1001\r\n",
    "row 8 NUL": "C-1001\x00",
    "wildcard": "C-100%",
}
BIRTH_DATES = {
    "row 47 Feb 30": "1990-02-30",
    "row 48 year 0001": "0001-01-01",
    "row 48 year 9999": "9999-12-31",
    "row 49 in the future": "2099-01-01",
    "row 59 not a date": "yesterday",
    "row 101 huge": "9" * 5000,
}
CATALOGUE = {
    "email": EMAILS,
    "password": PASSWORDS,
    "first_name": NAMES,
    "last_name": NAMES,
    "phone": PHONES,
    "postal_code": POSTAL_CODES,
    "city": ADDRESSES,
    "address1": ADDRESSES,
    "customer_number": NUMBERS,
    "birth_date": BIRTH_DATES,
    "prefecture": {"empty": "", "row 46 nowhere": "Atlantis", "row 29 tag": "<script>"},
    "terms": {"row 58 not accepted": "", "false": "false"},
    "gender": {"unknown": "dragon"},
}
LINES = [(name, row, value) for name, rows in CATALOGUE.items() for row, value in rows.items()]


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, _, v in LINES], ids=[f"{n} {row}" for n, row, _ in LINES])
async def test_a_bad_field_of_the_sign_up_form_is_named(entrance, world, caplog, name, value):
    program = entrance.program()
    answer = await entrance.ask(program, **{name: value})
    assert answer.status_code == 422, answer.text
    assert {e["field"] for e in answer.json()["errors"]} == {name}
    assert all(e["detail"] for e in answer.json()["errors"])
    assert await world.scalar("SELECT count(*) FROM signups") == 0
    assert len(value) < 4 or value not in answer.text + caplog.text
    form = await entrance.sign_up(entrance.browser(), **{name: value})
    assert (form.status_code, form.headers["location"]) == (303, routes.SIGN_UP)
    kept = await entrance.kept(form)
    assert [key for key in kept if key.startswith("field.")] == [f"field.{name}"]
    assert len(kept.get(f"value.{name}", "")) <= 300


GOOD = {
    "row 2 spaces around": ("email", f"  {EMAIL} "),
    "row 11 another case": ("email", EMAIL.upper()),
    "row 14 IDN domain": ("email", "hanako@日本.example"),
    "row 15 plus tag": ("email", "hanako+portal@example.com"),
    "row 23 emoji": ("password", "🐈 on the 屋根 tonight"),
    "row 19 73 bytes": ("password", "harbour lantern " * 4 + "123456789"),
    "row 42 +81": ("phone", "+81 3 1234 5678"),
    "row 43 full-width digits": ("phone", "０３－１２３４－５６７８"),
    "row 43 full-width postal code": ("postal_code", "１５０－０００１"),
    "row 37 half-width kana": ("first_name_kana", "ﾊﾅｺ"),
    "row 30 apostrophe": ("last_name", "O'Brien"),
}


@pytest.mark.parametrize(("name", "value"), GOOD.values(), ids=GOOD)
async def test_what_only_looks_odd_is_accepted(entrance, name, value):
    answer = await entrance.ask(entrance.program(), **{name: value})
    assert answer.status_code == 202, answer.text


async def test_row_11_another_case_is_the_same_address(entrance, world):
    """The second sign-up of the same person is counted, and its link replaces nobody's but their own."""
    program = entrance.program()
    for email in (EMAIL, EMAIL.upper(), f" {EMAIL} ", EMAIL.title(), EMAIL):
        assert (await entrance.ask(program, email=email)).status_code == 202
    world.an_account("C-1002")
    assert (await entrance.ask(program, email=EMAIL.upper(), customer_number="C-1002")).status_code == 429


EMAIL_DOORS = [routes.API_FORGOT_PASSWORD, routes.API_RESEND_VERIFICATION]


@pytest.mark.parametrize("path", EMAIL_DOORS)
@pytest.mark.parametrize("email", EMAILS.values(), ids=EMAILS)
async def test_a_bad_address_is_named_by_every_door_that_mails(entrance, path, email):
    answer = await entrance.program().post(path, json={"email": email})
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, ["email"])


@pytest.mark.parametrize("email", EMAILS.values(), ids=EMAILS)
async def test_a_bad_address_links_nothing_and_is_never_asked_of_whmcs(entrance, world, email):
    body, headers = {"email": email, "password": "x"}, {"idempotency-key": entrance.key()}
    answer = await entrance.program().post(routes.API_LINK, json=body, headers=headers)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, ["email"])
    assert world.whmcs.asked("ValidateLogin") == []


CODES = [
    "",
    "12345",
    "1234567",
    "１２３４５６",
    "abcdef",
    "12 456",
    "0x1F40",
    "-12345",
    "1e5",
    "\x00" * 6,
    "9" * 10_000,
]


@pytest.mark.parametrize("code", CODES, ids=[c[:8].encode("unicode_escape").decode() for c in CODES])
async def test_row_93_what_is_no_code_is_a_wrong_code(entrance, world, code):
    entrance.a_legacy_client(two_factor=True)
    program = entrance.program()
    await entrance.link(program)
    answer = await program.post(routes.API_LINK, json={"code": code})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "code")


TOKENS = ["", "x", "x" * 43, "x" * 10_000, "a.b.c", "../../etc", "'; DROP TABLE users", "🐈" * 43, "\x00", "a\r\nb: c"]


@pytest.mark.parametrize("path", [routes.API_VERIFY_EMAIL, routes.API_RESET_PASSWORD])
@pytest.mark.parametrize("token", TOKENS, ids=[t[:8].encode("unicode_escape").decode() for t in TOKENS])
async def test_what_is_no_token_is_an_unknown_one(entrance, path, token):
    answer = await entrance.program().post(path, json={"token": token, "password": PASSWORD})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "token.unknown")


SURROGATE = "\\ud800"
FLAT = [
    (routes.API_FORGOT_PASSWORD, "email"),
    (routes.API_RESEND_VERIFICATION, "email"),
    (routes.API_LINK, "email"),
    (routes.API_LOGIN, "email"),
    (routes.API_RESET_PASSWORD, "token"),
    (routes.API_VERIFY_EMAIL, "token"),
]


async def sent_raw(entrance, path: str, body: dict[str, str]):
    """As JSON, where `\\ud800` is half a letter that no UTF-8 can hold."""
    content = json.dumps(body).replace("\\" + SURROGATE, SURROGATE)
    headers = {"content-type": "application/json", "idempotency-key": entrance.key()}
    return await entrance.program().post(path, content=content, headers=headers)


@pytest.mark.parametrize("name", CATALOGUE)
async def test_row_27_half_a_letter_in_a_field_of_the_sign_up_form_is_named(entrance, name):
    answer = await sent_raw(entrance, routes.API_SIGN_UP, SIGN_UP | {name: f"harbour lantern {SURROGATE} 58"})
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [name])


@pytest.mark.parametrize(("path", "name"), FLAT)
async def test_row_27_half_a_letter_elsewhere_is_named_too(entrance, path, name):
    body = {"email": EMAIL, "password": PASSWORD, "token": "x" * 43} | {name: f"x{SURROGATE}@example.com"}
    answer = await sent_raw(entrance, path, body)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (422, [name])


async def test_row_27_half_a_letter_in_an_optional_field_a_key_or_a_password_is_no_bug_of_ours(entrance):
    entrance.a_legacy_client(two_factor=True)
    for name in ("company", "first_name_kana", "address2", "gender", "marketing"):
        assert (await sent_raw(entrance, routes.API_SIGN_UP, SIGN_UP | {name: SURROGATE})).status_code in (202, 422)
    key = {"idempotency_key": SURROGATE * 16}
    for path in (routes.API_SIGN_UP, routes.API_LINK):
        assert (await sent_raw(entrance, path, SIGN_UP | key)).status_code == 400
    wrong = {"email": "legacy@example.com", "password": SURROGATE}
    for path in (routes.API_LINK, routes.API_LOGIN):
        assert (await sent_raw(entrance, path, wrong)).status_code in (401, 422)
    program = entrance.program()
    await entrance.link(program)
    answer = await program.post(
        routes.API_LINK, content='{"code":"\\ud800"}', headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "link.code_wrong")


KEYS = ["", "x" * 15, "x" * 256, "key with spaces in", "key-of-sixteen\x7fabc", "鍵" * 16]


@pytest.mark.parametrize("key", KEYS, ids=[k[:12].encode("unicode_escape").decode() for k in KEYS])
async def test_k1_row_96_a_key_of_another_form_is_refused_and_nothing_stored(entrance, world, key):
    program = entrance.program()
    answer = await program.post(routes.API_SIGN_UP, json=SIGN_UP | {"idempotency_key": key})
    assert answer.status_code == 400
    assert answer.json()["code"] == ("idempotency-key-malformed" if key else "idempotency-key-missing")
    raw = {"idempotency-key": key.encode()}
    answer = await program.post(routes.API_SIGN_UP, json=SIGN_UP, headers=raw)
    assert answer.status_code == 400
    assert answer.json()["code"].startswith("idempotency-key-")
    assert await world.scalar("SELECT count(*) FROM idempotency_keys") == 0


async def test_k1_two_different_keys_for_one_request_are_refused(entrance):
    body = SIGN_UP | {"idempotency_key": entrance.key()}
    answer = await entrance.program().post(routes.API_SIGN_UP, json=body, headers={"idempotency-key": entrance.key()})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-malformed")


@pytest.mark.parametrize("key", ["x" * 16, "x" * 255, "!~" * 8])
async def test_k1_the_shortest_and_the_longest_key_are_good(entrance, key):
    assert (await entrance.ask(entrance.program(), key=key)).status_code == 202


NEW_DOORS = [
    routes.API_SIGN_UP,
    routes.API_VERIFY_EMAIL,
    routes.API_RESEND_VERIFICATION,
    routes.API_LINK,
    routes.API_LINK_ALIAS,
    routes.API_SET_PASSWORD,
    routes.API_FORGOT_PASSWORD,
    routes.API_RESET_PASSWORD,
]
BODIES = [
    ("text/plain", b"email=a", 415),
    ("", b"email=a", 415),
    ("multipart/form-data; boundary=x", b"--x--", 415),
    ("application/json", b"{", 400),
    ("application/json", b'{"email":"a","email":"b"}', 400),
    ("application/json", b'{"email":["a"]}', 400),
    ("application/json", b'{"email":1e999}', 400),
    ("application/json", b"[" * 1000 + b"]" * 1000, 400),
    ("application/json", b'{"email":"a"} trailing', 400),
    ("application/x-www-form-urlencoded", b"email=%ff", 400),
    ("application/x-www-form-urlencoded", b"email=a&email=b", 400),
    ("application/json", b'{"email":"' + b"y" * 1_000_000 + b'"}', 413),
]


@pytest.mark.parametrize(("kind", "body", "status"), BODIES, ids=[f"{k[-12:]} {b[:14]!r}" for k, b, _ in BODIES])
@pytest.mark.parametrize("path", NEW_DOORS)
async def test_rows_28_97_to_102_a_malformed_body_is_refused_as_what_it_is(entrance, path, kind, body, status):
    answer = await entrance.program().post(path, content=body, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
