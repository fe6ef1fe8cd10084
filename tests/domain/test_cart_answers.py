"""What a customer answers to a plan's questions, and which answers a cart takes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from portal_app.domain.cart import Cart, CartRefused
from portal_app.domain.cart_answers import (
    PORT_IN_FIELDS,
    choose_access_mode,
    choose_form,
    choose_new_number,
    choose_port_in,
    choose_start,
    choose_wishes,
    first_start,
    read_day,
    wish_range,
)
from portal_app.domain.sim import PortIn, check_start
from portal_app.errors import InvalidFields
from tests.fakes.catalog import EID, INTERNET, SIM, TODAY, VPN, a_cart, a_catalog, a_sim_choice, an_internet_choice

MONDAY = date(2026, 5, 4)
CATALOG = a_catalog()
TOLD = {
    "reservation_number": "12-3456-7890",
    "expires_on": "2026-04-25",
    "phone_number": "090-1234-5678",
    "last_name": "山田",
    "first_name": "花子",
    "last_name_kana": "やまだ",
    "first_name_kana": "ﾊﾅｺ",
    "gender": "female",
    "birth_date": "1990-01-31",
    "account_number": "",
}


def wrong(action, *args, **more) -> dict[str, str]:
    with pytest.raises(InvalidFields) as why:
        action(*args, **more)
    return why.value.reasons


def fresh_sim() -> Cart:
    return Cart(SIM, "SIM-VOICE-5GB")


@pytest.mark.parametrize(("typed", "day"), [("", None), ("  ", None), ("2026-04-15", TODAY), (" 2026-04-15 ", TODAY)])
def test_a_day_is_read_as_a_browser_writes_it(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize("typed", ["2026-02-30", "15/04/2026", "20260415", "2026-W16-3", "tomorrow", "0000-00-00"])
def test_what_is_no_day_is_not_guessed_at(typed):
    with pytest.raises(ValueError):
        read_day(typed)


def test_the_access_mode_is_one_of_three():
    cart = Cart(INTERNET, "INTERNET-GOLD-HOME-1G")
    assert choose_access_mode(cart, "PPPoE").internet.access_mode == "PPPoE"
    for mode in ("", "pppoe", "IPoE", "x" * 2000):
        assert wrong(choose_access_mode, cart, mode) == {"access_mode": "checkout.access_mode"}


@pytest.mark.parametrize("line", [SIM, VPN])
def test_internets_questions_are_for_internet_alone(line):
    for action in (
        lambda cart: choose_access_mode(cart, "PPPoE"),
        lambda cart: choose_wishes(cart, CATALOG, (), TODAY),
    ):
        with pytest.raises(CartRefused):
            action(a_cart(line))


@pytest.mark.parametrize("line", [INTERNET, VPN])
def test_a_sims_questions_are_for_sims_alone(line):
    for action in (
        lambda cart: choose_form(cart, "physical", "", phone_ready=False),
        lambda cart: choose_start(cart, "immediate", "", TODAY),
        lambda cart: choose_port_in(cart, CATALOG, TOLD, TODAY),
        choose_new_number,
    ):
        with pytest.raises(CartRefused):
            action(a_cart(line))


def test_up_to_three_days_are_kept_in_their_order_and_empty_ones_do_not_count():
    cart = choose_wishes(a_cart(INTERNET), CATALOG, ("2026-05-05", "", "2026-05-04", "2026-05-06"), TODAY)
    assert cart.internet.wishes == (date(2026, 5, 5), MONDAY)
    assert choose_wishes(cart, CATALOG, ("", "", ""), TODAY).internet.wishes == ()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("2026-04-24",), {"wish_1": "wizard.wish_range"}),
        (("2026-07-15",), {"wish_1": "wizard.wish_range"}),
        (("soon", "2026-05-04"), {"wish_1": "wizard.wish_range"}),
        (("2026-05-04", "2026-05-04"), {"wish_2": "wizard.wish_twice"}),
        (
            ("2026-05-04", "2026-05-09", "2026-05-10"),
            {"wish_2": "wizard.wish_weekend", "wish_3": "wizard.wish_weekend"},
        ),
    ],
)
def test_each_bad_day_has_its_own_reason(typed, expected):
    assert wrong(choose_wishes, a_cart(INTERNET), CATALOG, typed, TODAY) == expected


def test_the_first_and_the_last_day_that_may_be_wished_for_are_taken():
    first, last = wish_range(TODAY)
    assert (first, last) == (TODAY + timedelta(days=10), TODAY + timedelta(days=90))
    weekend = a_cart(INTERNET, internet=an_internet_choice(weekend=True))
    days = (first.isoformat(), last.isoformat())
    assert choose_wishes(weekend, CATALOG, days, TODAY).internet.wishes == (first, last)


def test_without_a_visit_there_are_no_days_to_wish_for():
    choice = an_internet_choice(installation="INTERNET-INSTALL-NO-VISIT", wishes=(MONDAY,))
    cart = choose_wishes(a_cart(INTERNET, internet=choice), CATALOG, ("2026-05-04",), TODAY)
    assert cart.internet.wishes == ()


def test_an_esim_takes_an_eid_as_it_is_printed():
    spaced = " ".join(EID[at : at + 4] for at in range(0, 32, 4))
    sim = choose_form(fresh_sim(), "esim", spaced, phone_ready=True).sim
    assert (sim.form, sim.eid, sim.phone_ready) == ("esim", EID, True)


@pytest.mark.parametrize(
    ("eid", "reason"),
    [
        ("", "sim.eid_missing"),
        (EID[:31], "sim.eid_digits"),
        (EID[:31] + "6", "sim.eid_wrong"),
        ("O" * 32, "sim.eid_digits"),
    ],
)
def test_a_bad_eid_and_an_unready_phone_are_said_at_once(eid, reason):
    found = wrong(choose_form, fresh_sim(), "esim", eid, phone_ready=False)
    assert found == {"eid": reason, "phone_ready": "checkout.phone_ready"}


def test_an_eid_that_is_held_stays_when_none_is_typed_and_a_bad_new_one_does_not_replace_it():
    held = a_cart(SIM)
    assert choose_form(held, "esim", " ", phone_ready=True).sim.eid == EID
    assert wrong(choose_form, held, "esim", "123", phone_ready=True) == {"eid": "sim.eid_digits"}


def test_a_sim_card_forgets_the_eid():
    sim = choose_form(a_cart(SIM), "physical", EID, phone_ready=True).sim
    assert (sim.form, sim.eid, sim.phone_ready) == ("physical", "", False)


@pytest.mark.parametrize("form", ["", "eSIM", "card"])
def test_the_form_is_one_of_two(form):
    assert wrong(choose_form, fresh_sim(), form, EID, phone_ready=True) == {"form": "checkout.sim_form"}


def test_starting_at_once_forgets_the_day():
    scheduled = choose_start(a_cart(SIM), "scheduled", "2026-04-20", TODAY)
    assert (scheduled.sim.start, scheduled.sim.start_on) == ("scheduled", date(2026, 4, 20))
    at_once = choose_start(scheduled, "immediate", "2026-04-20", TODAY)
    assert (at_once.sim.start, at_once.sim.start_on) == ("immediate", None)


@pytest.mark.parametrize(
    ("kind", "typed", "expected"),
    [
        ("", "", {"start": "sim.start_missing"}),
        ("later", "2026-04-20", {"start": "sim.start_missing"}),
        ("scheduled", "", {"start_on": "sim.start_date_missing"}),
        ("scheduled", "20 April", {"start_on": "sim.start_date_missing"}),
        ("scheduled", "2026-04-15", {"start_on": "sim.start_date_range"}),
        ("scheduled", "2026-05-16", {"start_on": "sim.start_date_range"}),
    ],
)
def test_a_bad_start_has_its_reason_at_its_field(kind, typed, expected):
    assert wrong(choose_start, a_cart(SIM), kind, typed, TODAY) == expected


@pytest.mark.parametrize("form", ["esim", "physical"])
def test_the_first_day_offered_is_the_first_that_is_taken(form):
    first = first_start(form, TODAY)
    assert check_start("scheduled", first, form, TODAY) == ""
    assert check_start("scheduled", first - timedelta(days=1), form, TODAY) != ""


def test_a_number_taken_along_is_held_in_its_stored_form():
    assert choose_port_in(a_cart(SIM), CATALOG, TOLD, TODAY).sim.port_in == PortIn(
        "1234567890", date(2026, 4, 25), "09012345678", "山田", "花子", "ヤマダ", "ハナコ", "female", date(1990, 1, 31)
    )


@pytest.mark.parametrize(
    ("field", "typed", "reason"),
    [
        ("reservation_number", "12345", "sim.port_in_reservation"),
        ("expires_on", "", "sim.port_in_expiry_missing"),
        ("expires_on", "soon", "sim.port_in_expiry_missing"),
        ("expires_on", "2026-04-14", "sim.port_in_expired"),
        ("expires_on", "2026-04-30", "sim.port_in_expiry_too_late"),
        ("expires_on", "2026-04-17", "sim.port_in_too_few_days"),
        ("phone_number", "03-1234-5678", "sim.port_in_phone"),
        ("last_name", " ", "sim.port_in_name"),
        ("first_name", "x" * 51, "sim.port_in_name"),
        ("last_name_kana", "Yamada", "sim.port_in_kana"),
        ("first_name_kana", "", "sim.port_in_kana"),
        ("gender", "unknown", "sim.port_in_gender"),
        ("birth_date", "1990-02-31", "sim.port_in_birth_date"),
        ("birth_date", "2010-01-01", "sim.port_in_under_age"),
        ("account_number", "x" * 41, "sim.port_in_account"),
    ],
)
def test_each_wrong_field_of_a_number_has_its_reason(field, typed, reason):
    assert wrong(choose_port_in, a_cart(SIM), CATALOG, TOLD | {field: typed}, TODAY) == {field: reason}


def test_every_field_is_asked_for_at_once():
    assert set(wrong(choose_port_in, a_cart(SIM), CATALOG, {}, TODAY)) == set(PORT_IN_FIELDS) - {"account_number"}


def test_a_plan_without_voice_takes_no_number_along():
    data = a_cart(SIM, plan="SIM-DATA-50GB")
    assert wrong(choose_port_in, data, CATALOG, TOLD, TODAY) == {"port_in": "sim.port_in_needs_voice"}


def test_the_reservation_must_outlive_the_day_of_the_start():
    late = a_cart(SIM, sim=a_sim_choice(start="scheduled", start_on=date(2026, 4, 25)))
    found = wrong(choose_port_in, late, CATALOG, TOLD, TODAY)
    assert found == {"expires_on": "sim.port_in_ends_before_start"}


def test_a_new_number_forgets_what_was_told_about_the_old_one():
    held = choose_port_in(a_cart(SIM), CATALOG, TOLD, TODAY)
    assert choose_new_number(held).sim == replace(held.sim, port_in=None)
