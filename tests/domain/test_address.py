"""The address form: both scripts from one form, the table before the browser, bad input beside its field."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.domain.address import FIELDS, Address, AddressChange, check_field, parse_address
from portal_app.domain.address_fields import CITY_LONGEST, LINE_LONGEST
from portal_app.domain.postal import PostalArea
from portal_app.errors import InvalidFields
from portal_app.text import SENTENCES

JINGUMAE = PostalArea("150-0001", "東京都", "渋谷区", "神宮前", "Tokyo", "Shibuya-ku", "Jingumae")
HARAJUKU = PostalArea("150-0001", "東京都", "渋谷区", "原宿", "Tokyo", "Shibuya-ku", "Harajuku")
WHOLE_CITY = PostalArea("401-0300", "山梨県", "富士吉田市", "", "Yamanashi", "Fujiyoshida-shi", "")
HOUSE = {"postal_code": "150-0001", "prefecture": "Tokyo", "block": "1-2-3", "dwelling": "house"}
APARTMENT = HOUSE | {
    "dwelling": "apartment",
    "building": "さくらハイツ",
    "building_roman": "Sakura Heights",
    "room": "101",
}
BY_HAND = HOUSE | {
    "postal_code": "999-0001",
    "prefecture": "Okinawa",
    "city": "那覇市",
    "town": "首里",
    "city_roman": "Naha-shi",
    "town_roman": "Shuri",
}


def change(base: dict[str, str] = HOUSE, areas=(JINGUMAE,), **typed: str) -> AddressChange:
    return parse_address(base | typed, areas)


def reasons(base: dict[str, str] = HOUSE, areas=(JINGUMAE,), **typed: str) -> dict[str, str]:
    with pytest.raises(InvalidFields) as refused:
        parse_address(base | typed, areas)
    assert set(refused.value.reasons.values()) <= set(SENTENCES)
    return refused.value.reasons


def test_a_known_code_gives_both_scripts_from_code_block_and_home():
    made = change(APARTMENT)
    assert made.roman == Address(
        postal_code="150-0001",
        prefecture="Tokyo",
        city="Shibuya-ku",
        address1="1-2-3 Jingumae",
        address2="Sakura Heights 101",
    )
    japanese = made.japanese
    assert (japanese.postal_code, japanese.prefecture, japanese.city, japanese.town) == (
        "150-0001",
        "東京都",
        "渋谷区",
        "神宮前",
    )
    assert (japanese.block, japanese.building, japanese.room) == ("1-2-3", "さくらハイツ", "101")


def test_the_browsers_roman_letters_are_never_kept_for_a_known_code():
    made = change(city_roman="Minato-ku", town_roman="<script>")
    assert (made.roman.city, made.roman.address1) == ("Shibuya-ku", "1-2-3 Jingumae")


def test_row_46_a_prefecture_of_another_code_is_a_mistake_of_that_field():
    assert reasons(prefecture="Osaka") == {"prefecture": "address.prefecture_mismatch"}
    assert change(prefecture="東京都").roman.prefecture == "Tokyo"
    assert change(prefecture="").roman.prefecture == "Tokyo"


def test_a_city_or_town_the_code_does_not_stand_for_is_not_passed_over():
    assert reasons(city="港区") == {"city": "address.city_mismatch"}
    assert reasons(town="南青山") == {"town": "address.town_mismatch"}
    assert change(city="渋谷区", town="神宮 前").japanese.town == "神宮前"


def test_of_several_towns_with_one_code_the_customer_says_which():
    both = (JINGUMAE, HARAJUKU)
    assert reasons(areas=both) == {"town": "address.town_choose"}
    assert change(areas=both, town="原宿").roman.address1 == "1-2-3 Harajuku"
    assert reasons(areas=both, town="南青山") == {"town": "address.town_mismatch"}


def test_the_town_is_typed_where_a_code_covers_a_whole_city():
    base = HOUSE | {"postal_code": "401-0300", "prefecture": "Yamanashi"}
    assert reasons(base, (WHOLE_CITY,)) == {
        "town": "address.town_missing",
        "town_roman": "address.town_roman_missing",
    }
    assert reasons(base, (WHOLE_CITY,), town="新倉", town_roman="新倉") == {"town_roman": "address.not_roman"}
    made = change(base, (WHOLE_CITY,), town="新倉", town_roman="Arakura")
    assert (made.roman.city, made.roman.address1, made.japanese.town) == (
        "Fujiyoshida-shi",
        "1-2-3 Arakura",
        "新倉",
    )


def test_an_unknown_code_is_typed_by_hand_in_both_scripts():
    made = change(BY_HAND, ())
    assert (made.japanese.prefecture, made.japanese.city, made.japanese.town) == ("沖縄県", "那覇市", "首里")
    assert (made.roman.prefecture, made.roman.city, made.roman.address1) == ("Okinawa", "Naha-shi", "1-2-3 Shuri")
    missing = reasons({"postal_code": "999-0001", "block": "1", "dwelling": "house"}, ())
    assert list(missing) == ["prefecture", "city", "town", "city_roman", "town_roman"]


def test_every_bad_field_is_named_at_once_in_the_order_of_the_form():
    named = list(reasons({"postal_code": "15", "prefecture": "Atlantis", "room": "!"}))
    assert named == ["postal_code", "prefecture", "block", "dwelling", "room"]


def test_row_50_an_apartment_needs_building_and_room_and_a_house_has_no_room():
    assert reasons(dwelling="apartment") == {
        "building": "address.building_missing",
        "room": "address.room_missing",
    }
    assert reasons(room="101") == {"room": "address.room_of_house"}
    assert change(building="Villa Aoki").roman.address2 == "Villa Aoki"


def test_a_building_in_roman_letters_need_not_be_typed_twice():
    assert reasons(APARTMENT, building_roman="") == {"building_roman": "address.building_roman_missing"}
    assert change(APARTMENT, building="Maison ４", building_roman="").roman.address2 == "Maison 4 101"


@pytest.mark.parametrize("dwelling", ["", "castle", "House", "apartment "])
def test_a_home_is_a_house_or_an_apartment(dwelling):
    assert reasons(dwelling=dwelling) == {"dwelling": "address.dwelling_missing"}


@pytest.mark.parametrize(
    "typed", ["1-2-3", "１－２－３", "1丁目2番3号", "1丁目2番地の3", "1ー2ー3", " 1‐2−3 ", "1 丁目 2 番 3 号"]
)
def test_a_block_is_kept_in_one_spelling(typed):
    assert change(block=typed).japanese.block == "1-2-3"


@pytest.mark.parametrize("typed", ["abc", "1--2", "1/2", "一丁目", "1-2-3 101", "-", "丁目", "٣"])
def test_what_is_no_block_is_refused(typed):
    assert check_field("block", typed) == "address.block_invalid"


@pytest.mark.parametrize(("typed", "kept"), [("101", "101"), ("１０１号室", "101"), ("A-2", "A-2"), ("2階", "2F")])
def test_a_room_is_kept_in_letters_and_digits(typed, kept):
    assert change(APARTMENT, room=typed).japanese.room == kept


@pytest.mark.parametrize("typed", ["150-000", "150-00011", "abc", "٣٣٣-٣٣٣٣"])
def test_row_45_what_is_no_postal_code_is_refused(typed):
    assert reasons(areas=(), postal_code=typed) == {"postal_code": "address.postal_code_invalid"}


@pytest.mark.parametrize(
    "hostile", ["<script>", "a\x00", "\u202eabc", "\ud800", "渋谷\n区", "😀区", "\u200b区", "渋谷\u2028区"]
)
@pytest.mark.parametrize("field", [name for name in FIELDS if name not in ("dwelling",)])
def test_rows_29_to_36_what_cannot_be_seen_or_is_markup_is_refused_beside_its_field(field, hostile):
    assert check_field(field, hostile) == "address.unusable"


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in ("dwelling",)])
def test_rows_32_and_51_text_without_end_is_refused_beside_its_field(field):
    assert check_field(field, "渋" * 10_000) == "address.too_long"
    assert check_field(field, "㍿" * 300) == "address.too_long"


def test_scripts_are_not_mixed_up():
    assert check_field("city", "Shibuya-ku") == "address.not_japanese"
    assert check_field("town", "123") == "address.not_japanese"
    assert check_field("city_roman", "渋谷区") == "address.not_roman"
    assert check_field("town_roman", "123") == "address.not_roman"
    assert check_field("building_roman", "さくら") == "address.not_roman"
    assert check_field("city_roman", "Ōta-ku") == ""


def test_the_longest_address_that_is_taken_fits_what_whmcs_and_an_order_hold():
    made = change(
        BY_HAND | {"dwelling": "apartment"},
        (),
        city="市" * 40,
        city_roman="C" * 40,
        town="町" * 60,
        town_roman="T" * 60,
        block="1" * 30,
        building="B" * 80,
        room="1" * 10,
    )
    assert len(made.roman.address1) <= LINE_LONGEST
    assert len(made.roman.address2) <= LINE_LONGEST
    snapshot = made.roman.snapshot()
    assert len(snapshot.city) == CITY_LONGEST
    assert len(snapshot.street) <= 255
    assert len(made.japanese.town + made.japanese.block) <= 255


@pytest.mark.parametrize("line", ["1-2-3 Jingumae", "Jingumae 1-2-3", "jingumae, 1ー2ー3", " 1-2-3,  JINGUMAE"])
def test_people_write_block_and_town_in_either_order(line):
    typed = change().roman
    assert replace(typed, address1=line).key == typed.key
    assert replace(typed, address1=line.replace("3", "4")).key != typed.key


def test_two_spellings_of_one_address_have_one_key_and_another_room_has_another():
    typed = change(APARTMENT).roman
    assert (
        typed.key
        == Address(
            postal_code="150ー0001",
            prefecture="TOKYO",
            city="Shibuya-ku",
            address1="１－２－３ Jingumae",
            address2="Sakura  Heights 101",
        ).key
    )
    assert typed.key != change(APARTMENT, room="102").roman.key


def test_an_orders_copy_has_a_line_for_the_building_only_where_there_is_one():
    assert change(APARTMENT).roman.snapshot().street == "1-2-3 Jingumae\nSakura Heights 101"
    snapshot = change().roman.snapshot()
    assert (snapshot.street, snapshot.state, snapshot.country) == ("1-2-3 Jingumae", "Tokyo", "Japan")


def test_r1_no_repr_tells_where_somebody_lives():
    told = repr(change(APARTMENT))
    assert not any(part in told for part in ("150-0001", "Tokyo", "Jingumae", "渋谷区", "Sakura", "1-2-3"))


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40)), st.booleans())
def test_whatever_is_typed_is_an_address_or_named_fields(typed, known):
    areas = (JINGUMAE,) if known else ()
    try:
        made = parse_address(HOUSE | typed, areas)
    except InvalidFields as refused:
        assert set(refused.reasons) <= set(FIELDS)
        assert set(refused.reasons.values()) <= set(SENTENCES)
    else:
        assert all(map(str.isprintable, (made.roman.city, made.roman.address1, made.roman.address2)))
