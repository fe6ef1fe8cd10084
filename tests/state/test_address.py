"""The address form: what a postal code says, refusals that come back, and the address that is on file."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.components import address_fields as said
from portal_app.domain.address import FIELDS, parse_address
from portal_app.domain.postal import PostalTable
from portal_app.errors import InvalidFields, UpstreamUnavailable
from portal_app.state.address import AddressState
from tests.fakes.account_screens import ScreenAddresses, an_address, an_area

PAGE = "/account/settings/address"
DOWN = UpstreamUnavailable("whmcs", "GetClientsDetails")


@pytest.fixture
def account(outside) -> Iterator[SimpleNamespace]:
    addresses = ScreenAddresses()
    with wiring.use(addresses=addresses, postal_codes=PostalTable([an_area()])):
        yield SimpleNamespace(addresses=addresses, flash=outside.flash)


async def test_the_address_on_file_is_shown_as_on_a_letter(account, tab):
    state = tab(AddressState, PAGE)
    await state.load()
    assert state.filed == "held"
    assert (state.now.street, state.now.building) == ("1-2-3 Jingumae", "Harbour Heights 203")
    assert (state.now.city, state.now.postal_code) == ("Shibuya-ku, Tokyo", "150-0001")


async def test_having_no_address_differs_from_not_being_able_to_read_it(account, tab):
    account.addresses.address = None
    state = tab(AddressState, PAGE)
    await state.load()
    assert state.filed == "none"
    account.addresses.failure = DOWN
    other = tab(AddressState, PAGE)
    await other.load()
    assert other.filed == "failed"


async def test_an_address_that_was_read_stays_when_whmcs_is_down(account, tab):
    state = tab(AddressState, PAGE)
    await state.load()
    account.addresses.failure = DOWN
    await state.load()
    assert (state.filed, state.now.postal_code) == ("held", "150-0001")


@pytest.mark.parametrize("typed", ["150-0001", "1500001", "〒１５０－０００１"])
async def test_a_known_code_says_the_area_in_both_scripts(account, tab, typed):
    state = tab(AddressState, PAGE, signed_in=False)
    await state.look_up(typed)
    assert state.code == "known"
    assert (state.areas[0].japanese, state.areas[0].roman) == ("東京都渋谷区神宮前", "Jingumae, Shibuya-ku, Tokyo")


async def test_a_code_that_is_not_in_the_table_asks_for_everything(account, tab):
    state = tab(AddressState, PAGE)
    await state.look_up("999-0001")
    assert (state.code, state.areas, len(state.prefectures)) == ("unknown", [], 47)
    await state.look_up("150-0001")
    assert state.prefectures == []


async def test_a_code_that_is_not_complete_any_more_says_nothing(account, tab):
    state = tab(AddressState, PAGE)
    await state.look_up("150-0001")
    await state.look_up("150-000")
    assert (state.code, state.areas) == ("", [])


async def test_a_code_of_several_towns_lets_choose(account, tab):
    two = PostalTable([an_area(), an_area("千駄ヶ谷", "Sendagaya")])
    state = tab(AddressState, PAGE)
    with wiring.use(postal_codes=two):
        await state.look_up("150-0001")
    assert (state.code, [row.town for row in state.areas]) == ("several", ["神宮前", "千駄ヶ谷"])


async def test_a_code_of_a_whole_city_asks_for_the_town(account, tab):
    state = tab(AddressState, PAGE)
    with wiring.use(postal_codes=PostalTable([an_area(), an_area("", "")])):
        await state.look_up("150-0001")
    assert state.code == "city"


async def test_a_refused_form_comes_back_with_what_its_code_stands_for(account, tab):
    account.flash.kept["k1"] = {
        "error": "problem.validation",
        "field.block": "address.block_missing",
        "value.postal_code": "150-0001",
        "value.dwelling": "house",
    }
    state = tab(AddressState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.errors == {"block": "address.block_missing"}
    assert state.values == {"postal_code": "150-0001", "dwelling": "house"}
    assert (state.code, state.typed) == ("known", "150-0001")


async def test_a_reload_by_another_tab_leaves_the_half_filled_form_alone(account, tab):
    account.flash.kept["k1"] = {"error": "problem.validation", "value.postal_code": "150-0001"}
    state = tab(AddressState, PAGE, cookie="flash=k1")
    await state.load()
    await state.look_up("999-0001")
    await state.load()
    assert (state.code, state.typed, state.error) == ("unknown", "999-0001", "problem.validation")


async def test_once_an_address_was_saved_the_form_begins_anew(account, tab):
    state = tab(AddressState, PAGE)
    await state.load()
    await state.look_up("150-0001")
    account.addresses.address = an_address(postal_code="107-0062", city="Minato-ku")
    await state.load()
    assert (state.now.postal_code, state.code, state.typed) == ("107-0062", "", "")


async def test_a_field_that_is_left_is_judged_and_its_value_is_not_kept(account, tab):
    state = tab(AddressState, PAGE)
    await state.load()
    state.check("block", "somewhere")
    assert state.errors == {"block": "address.block_invalid"}
    assert "somewhere" not in str(state.dict())
    state.check("block", "1丁目2番3号")
    assert state.errors == {}


@pytest.mark.parametrize("name", ["idempotency_key", "country", "__class__", ""])
async def test_only_fields_with_a_rule_are_looked_at(account, tab, name):
    state = tab(AddressState, PAGE)
    state.check(name, "x" * 400)
    assert state.errors == {}


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("/checkout/internet", "/checkout/internet"),
        ("/order/internet/availability", "/order/internet/availability"),
        ("//evil.example", ""),
        ("https://evil.example", ""),
        ("/api/auth/logout", ""),
        ("", ""),
    ],
)
async def test_only_pages_of_ours_are_returned_to(account, tab, asked, back):
    state = tab(AddressState, f"{PAGE}?returnTo={asked}")
    await state.load()
    assert state.back == back


SAID = {name: getattr(said, name.upper()) for name in FIELDS}
GOOD = {"postal_code": "150-0001", "block": "1-2-3", "dwelling": "house"}
SCRIPTS_SWAPPED = {"city": "Shibuya", "town": "Jingumae", "city_roman": "渋谷区", "town_roman": "神宮前"}
WRONG = [
    {},
    dict.fromkeys(FIELDS, "x" * 400),
    dict.fromkeys(FIELDS, "a<b"),
    dict.fromkeys(FIELDS, "!"),
    GOOD | {"dwelling": "apartment"},
    GOOD | {"dwelling": "apartment", "building": "ハイツ", "room": "203"},
    GOOD | {"dwelling": "apartment", "building": "ハイツ", "building_roman": "ハイツ", "room": "二百三"},
    GOOD | {"room": "203"},
    GOOD | {"prefecture": "Osaka"},
    GOOD | {"city": "港区"},
    GOOD | {"town": "赤坂"},
    GOOD | {"postal_code": "15"},
    GOOD | {"prefecture": "Tokyo"} | SCRIPTS_SWAPPED,
]


def found(fields: dict[str, str], *towns: str) -> dict[str, str]:
    try:
        parse_address(fields, [an_area(town, "Town") for town in towns])
    except InvalidFields as refused:
        return refused.reasons
    return {}


@pytest.mark.parametrize("towns", [(), ("神宮前",), ("神宮前", "千駄ヶ谷"), ("",)], ids=len)
def test_every_reason_a_door_can_give_is_a_sentence_beside_its_field(towns):
    given = {(name, key) for fields in WRONG for name, key in found(fields, *towns).items()}
    assert len(given) > 10
    assert {(name, key) for name, key in given if key not in SAID[name]} == set()
