"""The profile form: every field judged at once, in its stored spelling; only what differs is a change."""

from datetime import date

import pytest

from portal_app.domain.profile import AccountProfile, check_field, parse_profile
from portal_app.errors import InvalidFields

TODAY = date(2026, 1, 15)
FORM = {
    "phone": "090-1234-5678",
    "birth_date": "1990-05-17",
    "gender": "W",
    "company": " Harbour  KK ",
    "language": "ja",
    "marketing": "on",
}
HELD = AccountProfile(phone="+819012345678", language="ja", company="Harbour KK", keeps=frozenset({"birth_date"}))


def test_a_form_becomes_its_stored_spelling():
    change = parse_profile(FORM, TODAY)
    assert (change.phone, change.birth_date, change.company) == ("+819012345678", date(1990, 5, 17), "Harbour KK")
    assert (change.gender, change.language, change.marketing) == ("W", "ja", True)


def test_every_bad_field_is_named_at_once_in_the_order_of_the_form():
    with pytest.raises(InvalidFields) as refused:
        parse_profile({"phone": "12", "birth_date": "2020-01-01", "gender": "x", "language": "fr"}, TODAY)
    assert list(refused.value.reasons.items()) == [
        ("phone", "signup.phone_invalid"),
        ("birth_date", "signup.too_young"),
        ("gender", "signup.gender_unknown"),
        ("language", "profile.language_unknown"),
    ]


def test_only_what_differs_and_has_a_place_is_a_change():
    change = parse_profile(FORM, TODAY)
    assert change.differences(HELD) == {"birth_date": date(1990, 5, 17), "marketing": True}


def test_a_field_is_judged_alone_when_it_is_left():
    assert check_field("phone", "090-1234-5678", TODAY) == ""
    assert check_field("birth_date", "1990-02-30", TODAY) == "signup.birth_date_invalid"


@pytest.mark.parametrize("missing", ["last_name", "phone", "has_address"])
def test_a_profile_without_a_name_a_number_or_an_address_is_incomplete(missing):
    whole = {"last_name": "Yamada", "phone": "+819012345678", "has_address": True}
    assert AccountProfile(**whole).complete
    assert not AccountProfile(**whole | {missing: type(whole[missing])()}).complete


def test_c1_a_profile_and_its_change_show_nothing_when_printed():
    assert repr(parse_profile(FORM, TODAY)) == "ProfileChange(language='ja', marketing=True)"
    assert "0901" not in repr(HELD) and "Harbour" not in repr(HELD)
