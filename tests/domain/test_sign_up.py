"""The rules of the sign-up form (telecom rules of section 7, bad input of the reliability catalogue)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.prefectures import PREFECTURES
from portal_app.domain.sign_up import FIELDS, SignUpDetails, check_field, parse_sign_up
from portal_app.errors import InvalidFields

TODAY = date(2026, 11, 21)
GOOD = {
    "customer_number": "C-200010",
    "email": "mika@example.com",
    "first_name": "Mika",
    "last_name": "Aoyama",
    "phone": "090-1234-5678",
    "postal_code": "150-0001",
    "prefecture": "Tokyo",
    "city": "Shibuya-ku",
    "address1": "1-2-3 Jingumae",
    "terms": "on",
}


def kept(**changes: str) -> SignUpDetails:
    return parse_sign_up(GOOD | changes, TODAY)


def test_the_least_that_must_be_typed_is_enough():
    details = kept()
    assert (details.phone, details.postal_code, details.country) == ("+819012345678", "150-0001", "JP")
    assert (details.birth_date, details.marketing, details.company) == (None, False, "")


def test_every_bad_field_is_named_at_once_in_the_order_of_the_form():
    with pytest.raises(InvalidFields) as refused:
        parse_sign_up({"birth_date": "2026-02-30"}, TODAY)
    named = list(refused.value.reasons)
    assert named == sorted(named, key=FIELDS.index)
    assert set(named) == {*GOOD, "birth_date"}


@pytest.mark.parametrize(
    "phone", ["090-1234-5678", "０９０１２３４５６７８", "+819012345678", "+81 90 1234 5678", "(090)1234ー5678"]
)
def test_all_spellings_of_a_phone_number_are_stored_alike(phone):
    assert kept(phone=phone).phone == "+819012345678"


@pytest.mark.parametrize(
    "phone",
    ["0901234567", "call me", "9" * 20, "+1 202 555 0123", "119", "\x00" * 9, "０" * 3, "0120-444-444"],
)
def test_what_no_line_in_japan_has_is_refused(phone):
    assert check_field("phone", phone, TODAY) == "signup.phone_invalid"


@pytest.mark.parametrize(("typed", "stored"), [("03-6400-0000", "+81364000000"), ("050-3000-0000", "+815030000000")])
def test_a_landline_and_an_internet_line_are_phones(typed, stored):
    assert kept(phone=typed).phone == stored


@pytest.mark.parametrize("typed", ["1500001", "150-0001", "１５０－０００１", " 150ー0001 ", "〒150-0001"])
def test_postal_codes_are_stored_with_their_hyphen(typed):
    assert kept(postal_code=typed).postal_code == "150-0001"


@pytest.mark.parametrize("typed", ["150-000", "150-00012", "15-00001", "abc-defg", "150 0001x", "1" * 400, "١٥٠٠٠٠١"])
def test_a_postal_code_has_seven_digits(typed):
    assert check_field("postal_code", typed, TODAY) == "signup.postal_code_invalid"


@pytest.mark.parametrize(("typed", "number"), [("c-200010", "C-200010"), ("　Ｃ－２００ ", "C-200")])
def test_a_customer_number_is_read_in_any_width_and_case(typed, number):
    assert kept(customer_number=typed).customer_number == number


@pytest.mark.parametrize(
    "typed", ["C-1", "C" * 21, "C 200010", "C-2000\n10", "' OR 1=1", "../C-2000", "C-200010\u202e", "ß" * 4, "1" * 999]
)
def test_what_cannot_be_a_customer_number_is_refused(typed):
    assert check_field("customer_number", typed, TODAY) == "signup.number_invalid"


@pytest.mark.parametrize("name", ["Mika", "O'Neil", "Anne-Marie", "J. R.", "José", "van  der Berg", "Ｍｉｋａ"])
def test_roman_names_may_have_marks_and_several_parts(name):
    assert check_field("first_name", name, TODAY) == ""
    assert "  " not in kept(first_name=name).first_name


@pytest.mark.parametrize(
    "name",
    ["青山", "<script>", "{{7*7}}", "Mi\r\nka", "Mika\u202e", "\u200b", "=cmd|", "Mika7", "Mika😀", "\ud800"],
)
def test_a_roman_name_is_letters(name):
    assert check_field("last_name", name, TODAY) == "signup.name_not_roman"


@pytest.mark.parametrize(
    ("length", "reason"), [(50, ""), (51, "signup.name_too_long"), (10_000, "signup.name_too_long")]
)
def test_names_have_fifty_letters_at_most(length, reason):
    assert check_field("first_name", "a" * length, TODAY) == reason


@pytest.mark.parametrize(
    ("typed", "stored"), [("ﾐｶ", "ミカ"), ("みか", "ミカ"), ("ミカ　アオヤマ", "ミカ アオヤマ"), ("ゔぁん", "ヴァン")]
)
def test_kana_in_any_form_becomes_full_width_katakana(typed, stored):
    assert kept(first_name_kana=typed).first_name_kana == stored


@pytest.mark.parametrize("typed", ["Mika", "美香", "ミカ1", "ミ" * 51])
def test_kana_is_kana(typed):
    assert check_field("last_name_kana", typed, TODAY) == "signup.kana_invalid"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", ""),
        ("2008-11-21", ""),
        ("2008-11-22", "signup.too_young"),
        ("2026-11-22", "signup.birth_date_invalid"),
        ("1985-02-30", "signup.birth_date_invalid"),
        ("0001-01-01", "signup.birth_date_invalid"),
        ("9999-12-31", "signup.birth_date_invalid"),
        ("12/04/1985", "signup.birth_date_invalid"),
        ("1985-0412", "signup.birth_date_invalid"),
    ],
)
def test_a_birth_date_is_a_day_of_an_adult(typed, reason):
    assert check_field("birth_date", typed, TODAY) == reason


@pytest.mark.parametrize("typed", ["1985-04-12", "1985/4/12", "19850412", "１９８５－０４－１２", "1985.04.12"])
def test_a_birth_date_may_be_typed_in_several_ways(typed):
    assert kept(birth_date=typed).birth_date == date(1985, 4, 12)


@pytest.mark.parametrize("typed", ["", "Paris", "東京都", "tokyo"])
def test_a_prefecture_is_one_of_the_forty_seven(typed):
    assert check_field("prefecture", typed, TODAY) == "signup.prefecture_missing"


def test_there_are_forty_seven_prefectures_with_both_names():
    assert len(PREFECTURES) == 47
    assert (PREFECTURES["Hokkaido"], PREFECTURES["Tokyo"], PREFECTURES["Okinawa"]) == ("北海道", "東京都", "沖縄県")


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("神宮前1-2-3", "signup.address_not_roman"),
        ("a" * 101, "signup.address_too_long"),
        ("x" * 1500, "signup.address_too_long"),
        ("one\ntwo", "signup.address_not_roman"),
        ("<script>alert(1)</script>", "signup.address_not_roman"),
        ("", "signup.address1_missing"),
        ("1−2−3 Jingumae", ""),
        ("１－２－３　Jingūmae", ""),
    ],
)
def test_an_address_line_is_one_romanised_line(typed, reason):
    assert check_field("address1", typed, TODAY) == reason


def test_the_building_may_be_left_out():
    assert check_field("address2", "", TODAY) == ""
    assert kept(address2="Harbour Heights ＃203").address2 == "Harbour Heights #203"


def test_a_company_may_be_japanese_but_not_invisible():
    assert kept(company="株式会社　青山").company == "株式会社 青山"
    for unseen in ("\u202e", "\u2028", "\u2029", "\u200b"):
        assert check_field("company", f"Aoyama{unseen}Ltd", TODAY) == "signup.text_unusable"
    assert check_field("company", "a" * 101, TODAY) == "signup.company_too_long"


@pytest.mark.parametrize("typed", ["", "off", "yes please", "0"])
def test_terms_must_be_accepted(typed):
    assert check_field("terms", typed, TODAY) == "signup.terms_missing"


@pytest.mark.parametrize(
    "email", ["", " ", "no-at", "a@b", "a@@b.jp", f"{'x' * 65}@b.jp", "a@b.jp\nBcc: x@y.jp", "a\x00@b.jp", "а@b.jp"]
)
def test_an_e_mail_address_is_one_that_mail_reaches(email):
    assert check_field("email", email, TODAY) in ("sign_in.email_missing", "sign_in.email_invalid")


def test_an_unknown_gender_is_not_kept():
    assert check_field("gender", "x", TODAY) == "signup.gender_unknown"


def test_unknown_fields_change_nothing_and_cannot_be_checked():
    assert kept(whmcs_client_id="1001", country="US") == kept()
    with pytest.raises(KeyError):
        check_field("country", "US", TODAY)


def test_nothing_of_a_person_shows_in_a_printed_sign_up():
    assert "Aoyama" not in repr(kept())
    assert "mika" not in str(kept())


@given(name=st.sampled_from(FIELDS), typed=st.text(alphabet=st.characters(), max_size=600))
def test_whatever_is_typed_gets_a_reason_or_is_accepted(name, typed):
    assert check_field(name, typed, TODAY).partition(".")[0] in ("", "signup", "sign_in")


@given(name=st.sampled_from(FIELDS), typed=st.text(max_size=120))
def test_what_is_stored_is_accepted_again_and_stays_what_it_is(name, typed):
    """A refused form comes back with what was typed; what was accepted must not drift when it is sent again."""
    if name in ("terms", "marketing", "birth_date") or check_field(name, typed, TODAY):
        return
    once = getattr(kept(**{name: typed}), name)
    assert getattr(kept(**{name: once}), name) == once
