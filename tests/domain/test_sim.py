"""EID, start and port-in of a SIM order, as tables."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal_app.domain.sim import PortIn, check_eid, check_port_in, check_start, read_eid, read_mobile, read_port_in

TODAY = date(2026, 4, 15)
EID = "89049032123451234512345678901235"
GOOD = PortIn(
    "1234567890",
    TODAY + timedelta(days=12),
    "090-1234-5678",
    "山田",
    "花子",
    "ヤマダ",
    "ハナコ",
    "female",
    date(1990, 4, 2),
)


def day(number):
    return TODAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (EID, ""),
        ("8904 9032 1234 5123 4512 3456 7890 1235", ""),
        ("8904-9032-1234-5123-4512-3456-7890-1235", ""),
        ("８９０４９０３２１２３４５１２３４５１２３４５６７８９０１２３５", ""),
        (EID[:-1] + "4", "sim.eid_wrong"),
        (EID[:-2] + "53", "sim.eid_wrong"),
        (EID[:31], "sim.eid_digits"),
        (EID + "0", "sim.eid_digits"),
        (EID[:-1] + "x", "sim.eid_digits"),
        ("٨" * 32, "sim.eid_digits"),
        ("", "sim.eid_missing"),
        ("  ", "sim.eid_missing"),
    ],
)
def test_an_eid_has_32_digits_and_the_right_check_value(text, reason):
    assert check_eid(text) == reason


def test_an_eid_is_kept_as_its_digits():
    assert read_eid(" 8904 9032-1234 5123 4512 3456 7890 1235 ") == EID


@pytest.mark.parametrize(
    ("kind", "on", "form", "reason"),
    [
        ("immediate", None, "esim", ""),
        ("immediate", 1, "esim", "sim.start_not_scheduled"),
        ("scheduled", None, "esim", "sim.start_date_missing"),
        ("scheduled", 0, "esim", "sim.start_date_range"),
        ("scheduled", 1, "esim", ""),
        ("scheduled", 30, "esim", ""),
        ("scheduled", 31, "esim", "sim.start_date_range"),
        ("scheduled", 3, "physical", "sim.start_date_range"),
        ("scheduled", 4, "physical", ""),
        ("", None, "esim", "sim.start_missing"),
    ],
)
def test_when_a_sim_may_start(kind, on, form, reason):
    assert check_start(kind, None if on is None else day(on), form, TODAY) == reason


def test_a_complete_port_in_is_fine():
    assert check_port_in(GOOD, voice=True, form="esim", today=TODAY) == {}


WRONG = [
    ({"reservation_number": ""}, "reservation_number", "sim.port_in_reservation"),
    ({"reservation_number": "123456789"}, "reservation_number", "sim.port_in_reservation"),
    ({"reservation_number": "12345678901"}, "reservation_number", "sim.port_in_reservation"),
    ({"reservation_number": "12345678ab"}, "reservation_number", "sim.port_in_reservation"),
    ({"expires_on": None}, "expires_on", "sim.port_in_expiry_missing"),
    ({"expires_on": day(-1)}, "expires_on", "sim.port_in_expired"),
    ({"expires_on": day(2)}, "expires_on", "sim.port_in_too_few_days"),
    ({"expires_on": day(15)}, "expires_on", "sim.port_in_expiry_too_late"),
    ({"phone_number": ""}, "phone_number", "sim.port_in_phone"),
    ({"phone_number": "0901234567"}, "phone_number", "sim.port_in_phone"),
    ({"phone_number": "03-1234-5678"}, "phone_number", "sim.port_in_phone"),
    ({"phone_number": "090-1234-567a"}, "phone_number", "sim.port_in_phone"),
    ({"phone_number": "090123456789"}, "phone_number", "sim.port_in_phone"),
    ({"last_name": ""}, "last_name", "sim.port_in_name"),
    ({"last_name": "山" * 51}, "last_name", "sim.port_in_name"),
    ({"first_name": "花\u202e子"}, "first_name", "sim.port_in_name"),
    ({"first_name": "花子😀"}, "first_name", "sim.port_in_name"),
    ({"first_name": "\u200b"}, "first_name", "sim.port_in_name"),
    ({"first_name": "花\ud800"}, "first_name", "sim.port_in_name"),
    ({"last_name_kana": "Yamada"}, "last_name_kana", "sim.port_in_kana"),
    ({"first_name_kana": ""}, "first_name_kana", "sim.port_in_kana"),
    ({"first_name_kana": "ハ" * 51}, "first_name_kana", "sim.port_in_kana"),
    ({"gender": ""}, "gender", "sim.port_in_gender"),
    ({"birth_date": None}, "birth_date", "sim.port_in_birth_date"),
    ({"birth_date": day(1)}, "birth_date", "sim.port_in_birth_date"),
    ({"birth_date": date(1, 1, 1)}, "birth_date", "sim.port_in_birth_date"),
    ({"birth_date": date(2008, 4, 16)}, "birth_date", "sim.port_in_under_age"),
    ({"account_number": "x" * 41}, "account_number", "sim.port_in_account"),
    ({"account_number": "1\r\n2"}, "account_number", "sim.port_in_account"),
]


@pytest.mark.parametrize(("changed", "field", "reason"), WRONG)
def test_each_wrong_field_of_a_port_in_is_named_alone(changed, field, reason):
    assert check_port_in(replace(GOOD, **changed), voice=True, form="esim", today=TODAY) == {field: reason}


def test_all_wrong_fields_are_named_at_once_in_order():
    found = check_port_in(PortIn(), voice=True, form="esim", today=TODAY)
    assert list(found) == [
        "reservation_number",
        "expires_on",
        "phone_number",
        "last_name",
        "first_name",
        "last_name_kana",
        "first_name_kana",
        "gender",
        "birth_date",
    ]


def test_a_data_sim_takes_no_number_along():
    assert check_port_in(GOOD, voice=False, form="esim", today=TODAY) == {"port_in": "sim.port_in_needs_voice"}


@pytest.mark.parametrize(
    ("start", "reason"),
    [(5, ""), (11, ""), (12, "sim.port_in_ends_before_start"), (13, "sim.port_in_ends_before_start")],
)
def test_a_reservation_must_outlive_the_start(start, reason):
    found = check_port_in(GOOD, voice=True, form="esim", today=TODAY, start_on=day(start))
    assert found.get("expires_on", "") == reason


@pytest.mark.parametrize(("form", "left", "good"), [("esim", 3, True), ("physical", 9, False), ("physical", 10, True)])
def test_a_card_needs_more_days_than_an_esim(form, left, good):
    found = check_port_in(replace(GOOD, expires_on=day(left)), voice=True, form=form, today=TODAY)
    assert (found == {}) is good


@pytest.mark.parametrize("kana", ["ﾔﾏﾀﾞ", "やまだ", "ヤマダ", " ヤマダ "])
def test_half_width_and_hiragana_are_taken_as_katakana(kana):
    typed = replace(GOOD, last_name_kana=kana)
    assert check_port_in(typed, voice=True, form="esim", today=TODAY) == {}
    assert read_port_in(typed).last_name_kana == "ヤマダ"


@pytest.mark.parametrize(
    "text", ["090-1234-5678", "０９０１２３４５６７８", "+819012345678", "+81 (0)90-1234-5678", "090 1234 5678"]
)
def test_one_phone_number_in_many_spellings_is_stored_alike(text):
    assert read_mobile(text) == "09012345678" and len(read_mobile(text)) <= 11


def test_the_new_060_range_is_mobile_too():
    assert check_port_in(replace(GOOD, phone_number="060-1001-2345"), voice=True, form="esim", today=TODAY) == {}


def test_an_adult_is_one_from_the_birthday_on():
    typed = replace(GOOD, birth_date=date(2008, 4, 15))
    assert check_port_in(typed, voice=True, form="esim", today=TODAY) == {}


def test_a_reservation_number_may_have_hyphens():
    assert read_port_in(replace(GOOD, reservation_number="12-3456-7890")).reservation_number == "1234567890"
