"""The wizards: a cart step by step, none skipped; what is wrong stands beside its field, and secrets go one way."""

import json
from dataclasses import fields, replace
from datetime import date
from types import SimpleNamespace
from typing import get_args

import pytest

from portal_app import wiring
from portal_app.domain.cart import Cart
from portal_app.domain.catalog import Catalog
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility, EligibilityState
from portal_app.errors import Busy, Conflict, UpstreamUnavailable
from portal_app.security.policy import policy_of
from portal_app.state.order_internet import OrderInternetState
from portal_app.state.order_sim import OrderSimState
from portal_app.state.order_vpn import OrderVpnState
from portal_app.state.session import SessionState
from portal_app.state.wizard_rows import OptionRow, PaymentRow, RegionRow, StepRow
from tests.fakes.catalog import (
    EID,
    INTERNET,
    SIM,
    VPN,
    a_cart,
    a_catalog,
    a_pair,
    a_sim_choice,
    an_internet_choice,
    an_item,
    items,
)
from tests.fakes.settings import a_settings
from tests.fakes.wizards import ScreenShopping

DOWN = UpstreamUnavailable("salesforce", "GetCatalog", "down")
GOLD, SINGLE, SPREAD = "INTERNET-GOLD-HOME-1G", "INTERNET-INSTALL-SINGLE", "INTERNET-INSTALL-24M"
NO_VISIT = "INTERNET-INSTALL-NO-VISIT"
STATES = {INTERNET: OrderInternetState, SIM: OrderSimState, VPN: OrderVpnState}
MOVED = {
    "number": "take",
    "reservation_number": "1234567890",
    "expires_on": "2026-01-25",
    "phone_number": "090-1234-5678",
    "last_name": "山田",
    "first_name": "花子",
    "last_name_kana": "やまだ",
    "first_name_kana": "はなこ",
    "gender": "female",
    "birth_date": "1990-01-31",
    "account_number": "",
}


@pytest.fixture
def shop(outside):
    shopping = ScreenShopping(outside.catalog)
    with wiring.use(shopping=shopping, settings=a_settings()):
        yield shopping


@pytest.fixture
def wizard(shop, tab):
    """Open the wizard of a cart at an address: `await wizard(cart, "step=review")`."""

    async def open_wizard(cart: Cart | None, query: str = "", *, line=None, locale="en"):
        if cart:
            shop.hold(cart)
        line = line or cart.line
        state = tab(STATES[line], f"/order/{line}" + (f"?{query}" if query else ""), locale=locale)
        await state.load()
        return state

    return open_wizard


def fresh(line, plan="") -> Cart:
    return Cart(line, plan or {INTERNET: GOLD, SIM: "SIM-VOICE-5GB", VPN: "VPN-USA-SF"}[line])


def target(event) -> str:
    """Where a redirect leads."""
    assert event is not None
    return next(str(value).strip('"') for name, value in event.args if str(name) == "path")


def whole(state) -> str:
    """The key of what is said about the form as a whole."""
    return state._reasons.get("", "")


def shown(state) -> tuple[str, list[str]]:
    return state.step, [row.state for row in state.steps]


@pytest.mark.parametrize("kind", STATES.values())
def test_every_handler_is_for_customers_and_the_cart_is_followed_live(kind):
    assert {policy_of(handler.fn).who for handler in kind.event_handlers.values() if policy_of(handler.fn)} == {
        "signed_in"
    }
    assert policy_of(kind.load.fn).live == "cart"


@pytest.mark.parametrize("row", [StepRow, PaymentRow, OptionRow, RegionRow])
def test_rows_are_made_of_texts_and_choices_only(row):
    for field in fields(row):
        assert field.type in (str, bool) or all(isinstance(choice, str) for choice in get_args(field.type)), field.name


@pytest.mark.parametrize("line", STATES)
async def test_without_a_cart_the_page_says_so(wizard, line):
    assert (await wizard(None, line=line)).found == "none"


async def test_a_submitted_cart_is_not_configured_any_more(wizard, shop):
    shop.state = "PLACING"
    state = await wizard(a_cart(SIM))
    assert (state.found, state.values) == ("submitted", {})


@pytest.mark.parametrize(("line", "step"), [(INTERNET, "plan"), (SIM, "sim"), (VPN, "region")])
@pytest.mark.parametrize("asked", ["", "step=nonsense"])
async def test_a_fresh_plan_begins_at_the_first_step(wizard, line, step, asked):
    state = await wizard(fresh(line), "" if line is VPN else asked)
    assert (state.found, state.step, state.position, state.back) == ("open", step, "1", "")
    assert state.plan.sku == fresh(line).plan


async def test_a_skipped_step_is_refused_for_the_first_open_one(wizard):
    assert shown(await wizard(fresh(INTERNET), "step=review")) == ("plan", ["now", "ahead", "ahead", "ahead"])
    half = a_cart(INTERNET, internet=an_internet_choice(installation=""))
    assert shown(await wizard(half, "step=review")) == ("installation", ["done", "now", "ahead", "ahead"])


async def test_steps_that_are_open_can_be_gone_to_and_others_cannot(wizard):
    state = await wizard(a_cart(INTERNET), "step=installation")
    assert [(row.name, row.state, row.href) for row in state.steps] == [
        ("plan", "done", "/order/internet?step=plan"),
        ("installation", "now", ""),
        ("add_ons", "open", "/order/internet?step=add_ons"),
        ("review", "open", "/order/internet?step=review"),
    ]
    assert (state.back, state.onward) == ("/order/internet?step=plan", "/order/internet?step=add_ons")


async def test_another_plan_begins_anew_in_a_tab_that_was_at_the_end(wizard, shop):
    state = await wizard(a_cart(VPN), "")
    state.step = "review"
    shop.catalog.catalog = a_catalog(an_item("VPN-UK-LONDON", 2600, region="UK-London"))
    shop.hold(fresh(VPN, "VPN-UK-LONDON"))
    await state.load()
    assert (state.step, state.plan.sku) == ("region", "VPN-UK-LONDON")


async def test_what_it_costs_is_said_with_tax_and_in_the_customers_language(wizard):
    cart = a_cart(INTERNET, internet=an_internet_choice(installation=SPREAD))
    box = (await wizard(cart)).box
    assert (box.nothing, box.monthly, box.monthly_tax, box.once, box.later) == ("¥0", "¥7,387", "¥671", "", "¥6,380")
    assert (box.instalment, box.others, box.last_instalment) == ("¥1,007", "23", "¥1,025")
    assert (await wizard(cart, locale="ja")).box.monthly == "￥7,387"


async def test_the_parts_of_the_order_are_listed_with_what_comes_by_itself(wizard):
    state = await wizard(a_cart(SIM, add_ons=("SIM-ADDON-VOICE-MAIL",)))
    assert [(row.sku, row.amount, row.paid, row.automatic) for row in state.parts] == [
        ("SIM-VOICE-5GB", "¥1,650", "monthly", False),
        ("SIM-FEE", "¥1,650", "once", True),
        ("SIM-ADDON-VOICE-MAIL", "¥330", "monthly", False),
    ]


async def test_without_a_price_list_nothing_is_shown_but_what_was_shown_before_stays(wizard, shop):
    shop.catalog.failure = DOWN
    state = await wizard(fresh(SIM))
    assert state.found == "failed"
    shop.catalog.failure = None
    await state.load()
    shop.catalog.failure = Busy("salesforce")
    await state.load()
    assert (state.found, whole(state), state.plan.sku) == ("open", "wizard.unavailable", "SIM-VOICE-5GB")
    shop.catalog.failure = None
    await state.load()
    assert whole(state) == ""


async def test_an_old_price_list_is_shown_with_its_time(wizard, shop):
    shop.catalog.stale = True
    state = await wizard(fresh(VPN))
    assert (state.stale, state.as_of) == (True, "11:55")


async def test_a_change_made_in_another_tab_is_shown_and_keeps_the_step(wizard, shop):
    state = await wizard(a_cart(INTERNET), "step=add_ons")
    shop.hold(replace(shop.carts[INTERNET], add_ons=("INTERNET-ADDON-ROUTER",)))
    await state.load()
    assert state.step == "add_ons"
    assert state.values["option:INTERNET-ADDON-ROUTER"] == "on"


async def test_a_cart_that_was_emptied_in_another_tab_is_no_error(wizard, shop):
    state = await wizard(fresh(VPN))
    shop.carts.clear()
    assert await state.save_region({"region": "VPN-USA-SF"}) is None
    assert state.found == "none"


async def test_what_is_wrong_is_said_in_the_language_of_the_tab_also_when_it_changes(wizard):
    state = await wizard(fresh(SIM))
    await state.save_form({"form": "esim", "eid": "1", "phone_ready": "on"})
    assert state.errors["eid"].startswith("An EID has 32 digits")
    (await state.get_state(SessionState)).locale = "ja"
    await state.load()
    assert state.errors["eid"].startswith("EIDは32桁")


# Internet


async def test_internet_from_the_first_step_to_the_last(wizard, shop):
    state = await wizard(fresh(INTERNET))
    assert target(await state.save_plan({"access_mode": "IPoE-HGW"})) == "/order/internet?step=installation"
    form = {"installation": SPREAD, "day": "weekend", "wish_1": "2026-01-31", "wish_2": "", "wish_3": "2026-01-30"}
    assert target(await state.save_installation(form)) == "/order/internet?step=add_ons"
    await state.choose_option("INTERNET-ADDON-HOME-PHONE", True)
    cart = shop.carts[INTERNET]
    assert cart.internet.access_mode == "IPoE-HGW"
    assert (cart.internet.installation, cart.internet.weekend) == (SPREAD, True)
    assert cart.internet.wishes == (date(2026, 1, 31), date(2026, 1, 30))
    assert cart.add_ons == ("INTERNET-ADDON-HOME-PHONE", "INTERNET-ADDON-HOME-PHONE-INSTALL")
    review = await wizard(None, "step=review", line=INTERNET)
    assert (review.step, review.wishes, review.payment.months) == ("review", ["31 Jan 2026", "30 Jan 2026"], "24")


async def test_the_ways_to_pay_for_an_installation_come_to_the_same(wizard):
    rows = {row.sku: row for row in (await wizard(a_cart(INTERNET))).payments}
    assert (rows[SINGLE].kind, rows[SINGLE].amount, rows[SINGLE].months) == ("single", "¥24,200", "")
    spread = rows[SPREAD]
    assert (spread.amount, spread.others, spread.last) == ("¥1,007", "23", "¥1,025")
    assert (spread.net, spread.net_last) == ("¥916", "¥932")
    assert rows[NO_VISIT].kind == "no_visit"


async def test_a_choice_is_priced_before_the_step_is_left(wizard, shop):
    state = await wizard(a_cart(INTERNET), "step=installation")
    await state.choose_installation(SPREAD)
    assert (state.step, state.box.once, state.box.monthly) == ("installation", "", "¥7,387")
    await state.choose_day("weekend")
    assert (state.box.once, state.values["day"]) == ("¥3,300", "weekend")
    await state.choose_installation(NO_VISIT)
    assert (state.visit, state.values["day"]) == (False, "weekday")


async def test_a_choice_that_is_refused_is_put_back_with_the_reason(wizard, shop):
    state = await wizard(a_cart(INTERNET), "step=installation")
    await state.choose_installation("SIM-FEE")
    assert (whole(state), state.undone, state.values["installation"]) == ("cart.unknown_item", 1, SINGLE)
    await state.choose_option("INTERNET-NOTHING", True)
    assert (whole(state), state.undone, shop.changed) == ("cart.unknown_item", 2, 0)


async def test_a_form_that_is_refused_stays_with_a_reason_for_each_field(wizard, shop):
    state = await wizard(a_cart(INTERNET), "step=installation")
    form = {"installation": SINGLE, "day": "weekday", "wish_1": "2026-01-16", "wish_2": "2026-01-31", "wish_3": "x"}
    assert await state.save_installation(form) is None
    assert state._reasons == {
        "wish_1": "wizard.wish_range",
        "wish_2": "wizard.wish_weekend",
        "wish_3": "wizard.wish_range",
    }
    assert (state.refused, shop.changed, state.step) == (1, 0, "installation")
    assert target(await state.save_installation(form | {"wish_1": "", "wish_2": "", "wish_3": ""}))
    assert state._reasons == {}


@pytest.mark.parametrize("form", [{}, {"access_mode": ""}, {"access_mode": "DROP TABLE"}])
async def test_an_answer_that_is_none_of_the_choices_is_refused(wizard, form):
    state = await wizard(fresh(INTERNET))
    assert await state.save_plan(form) is None
    assert (state._reasons, state.refused) == ({"access_mode": "checkout.access_mode"}, 1)


async def test_without_a_visit_nobody_asks_for_days(wizard, shop):
    state = await wizard(a_cart(INTERNET), "step=installation")
    assert await state.save_installation({"installation": NO_VISIT, "day": "weekend", "wish_1": "2026-01-30"})
    assert (shop.carts[INTERNET].internet.weekend, shop.carts[INTERNET].internet.wishes) == (False, ())


async def test_an_option_and_its_work_come_and_go_together(wizard, shop):
    state = await wizard(a_cart(INTERNET), "step=add_ons")
    phone = next(row for row in state.options if row.sku == "INTERNET-ADDON-HOME-PHONE")
    assert (phone.monthly, phone.once, phone.chosen) == ("¥495", "¥1,100", False)
    await state.choose_option(phone.sku, True)
    assert len(shop.carts[INTERNET].add_ons) == 2
    await state.choose_option(phone.sku, False)
    assert shop.carts[INTERNET].add_ons == ()


async def test_what_is_sold_no_more_is_said_at_its_step_and_taken_out_on_request(wizard, shop):
    cart = a_cart(INTERNET, add_ons=("INTERNET-ADDON-ROUTER",))
    shop.catalog.catalog = Catalog(tuple(item for item in items() if item.sku != "INTERNET-ADDON-ROUTER"))
    state = await wizard(cart, "step=review")
    assert (state.step, state.something_gone, state.plan_gone) == ("add_ons", True, False)
    await state.drop_gone()
    assert (shop.carts[INTERNET].add_ons, state.something_gone) == ((), False)


async def test_a_plan_that_is_sold_no_more_keeps_everything_else_shut(wizard, shop):
    shop.catalog.catalog = Catalog(tuple(item for item in items() if item.sku != GOLD))
    state = await wizard(a_cart(INTERNET), "step=review")
    assert (state.found, state.step, state.plan_gone) == ("open", "plan", True)
    assert [row.state for row in state.steps][1:] == ["ahead", "ahead", "ahead"]


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (Eligibility(), ("check", "")),
        (Eligibility(EligibilityState.ELIGIBLE, "Home 1G"), ("here", "")),
        (Eligibility(EligibilityState.ELIGIBLE, "Apartment 1G"), ("unavailable", "dwelling")),
        (None, ("unknown", "")),
    ],
)
async def test_the_address_is_told_about_and_stops_nobody(wizard, outside, check, expected):
    outside.checks.eligibility = check
    state = await wizard(fresh(INTERNET))
    assert (state.plan.availability, state.found) == ("", "open")
    await state.load_checks()
    assert (state.plan.availability, state.plan.reason) == expected
    assert await state.save_plan({"access_mode": "PPPoE"})


async def test_an_address_that_cannot_be_looked_up_is_neither_yes_nor_no(wizard, outside):
    outside.checks.failure = DOWN
    state = await wizard(fresh(INTERNET))
    await state.load_checks()
    assert state.plan.availability == "unknown"


# SIM


async def test_a_sim_from_the_first_step_to_the_last(wizard, shop):
    state = await wizard(fresh(SIM))
    form = {"form": "esim", "eid": EID, "phone_ready": "on"}
    assert target(await state.save_form(form)) == "/order/sim?step=start"
    assert target(await state.save_start({"start": "scheduled", "start_on": "2026-01-20"})) == "/order/sim?step=number"
    assert target(await state.save_number(MOVED)) == "/order/sim?step=add_ons"
    sim = shop.carts[SIM].sim
    assert (sim.eid, sim.start_on) == (EID, date(2026, 1, 20))
    assert sim.port_in.last_name_kana == "ヤマダ"
    review = await wizard(None, "step=review", line=SIM)
    assert (review.step, review.eid_end, review.number_end, review.start_day) == (
        "review",
        "1235",
        "5678",
        "20 Jan 2026",
    )


async def test_eid_names_and_birth_dates_never_come_back_into_the_tab(wizard, shop):
    state = await wizard(fresh(SIM))
    await state.save_form({"form": "esim", "eid": EID, "phone_ready": "on"})
    await state.save_start({"start": "immediate", "start_on": ""})
    assert await state.save_number(MOVED | {"birth_date": "2020-01-01"}) is None
    await state.save_number(MOVED)
    sent = json.dumps(state.dict(), default=lambda row: vars(row) if hasattr(row, "__dict__") else str(row))
    for secret in (EID, "1234567890", "12345678", "山田", "花子", "ヤマダ", "やまだ", "1990", "2020-01-01"):
        assert secret not in sent, secret


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({}, {"form": "checkout.sim_form"}),
        ({"form": "esim"}, {"eid": "sim.eid_missing", "phone_ready": "checkout.phone_ready"}),
        ({"form": "esim", "eid": EID[:31], "phone_ready": "on"}, {"eid": "sim.eid_digits"}),
        ({"form": "esim", "eid": "8" * 32, "phone_ready": "on"}, {"eid": "sim.eid_wrong"}),
    ],
)
async def test_a_wrong_card_or_eid_is_said_at_its_field_and_not_kept(wizard, shop, form, errors):
    state = await wizard(fresh(SIM))
    assert await state.save_form(form) is None
    assert (state._reasons, state.refused, shop.carts[SIM].sim.form) == (errors, 1, "")


async def test_an_eid_that_is_held_need_not_be_typed_again(wizard, shop):
    state = await wizard(a_cart(SIM), "step=sim")
    assert (state.eid_end, state.values["phone_ready"]) == ("1235", "on")
    assert await state.save_form({"form": "esim", "eid": "", "phone_ready": "on"})
    assert shop.carts[SIM].sim.eid == EID


async def test_a_card_needs_neither_eid_nor_phone_and_starts_when_it_has_arrived(wizard):
    state = await wizard(fresh(SIM))
    assert await state.save_form({"form": "physical", "eid": "nonsense"})
    assert (state.eid_end, state.start_from, state.start_until) == ("", "2026-01-19", "2026-02-14")
    assert await state.save_start({"start": "scheduled", "start_on": "2026-01-18"}) is None
    assert state._reasons == {"start_on": "sim.start_date_range"}


async def test_a_day_that_a_card_cannot_keep_opens_its_step_again(wizard):
    state = await wizard(a_cart(SIM, sim=a_sim_choice(start="scheduled", start_on=date(2026, 1, 16))), "step=sim")
    assert target(await state.save_form({"form": "physical"})) == "/order/sim?step=start"
    assert [row.state for row in state.steps] == ["now", "open", "ahead", "ahead", "ahead"]


async def test_every_wrong_field_of_a_number_is_said_at_once(wizard):
    state = await wizard(a_cart(SIM), "step=number")
    assert await state.save_number({"number": "take", "last_name": "山田"}) is None
    assert set(state._reasons) == set(MOVED) - {"number", "last_name", "account_number"}
    assert state.refused == 1


async def test_a_number_that_is_held_stays_or_is_told_anew_or_is_given_up(wizard, shop):
    state = await wizard(a_cart(SIM), "step=number")
    assert await state.save_number({"number": "held"}) is None
    assert state._reasons == {"number": "wizard.number.missing"}
    await state.save_number(MOVED)
    assert state.values["number"] == "held"
    assert await state.save_number({"number": "held"})
    assert shop.carts[SIM].sim.port_in is not None
    assert await state.save_number({"number": "new"})
    assert (shop.carts[SIM].sim.port_in, state.number_end, state.values["number"]) == (None, "", "new")


async def test_a_plan_without_calls_is_not_asked_for_a_number(wizard, shop):
    state = await wizard(a_cart(SIM, plan="SIM-DATA-50GB"), "step=number")
    assert [row.name for row in state.steps] == ["sim", "start", "review"]
    assert await state.save_number(MOVED) is None
    assert shop.carts[SIM].sim.port_in is None


@pytest.mark.parametrize(
    ("lines", "document", "expected"),
    [
        ("sim", DocumentCheck(), True),
        ("internet,sim", DocumentCheck("rejected"), True),
        ("sim", None, True),
        ("sim", DocumentCheck("submitted"), False),
        ("sim", DocumentCheck("verified"), False),
        ("vpn", DocumentCheck(), False),
    ],
)
async def test_a_document_is_mentioned_where_one_is_wanted(wizard, outside, lines, document, expected):
    outside.checks.document = document
    with wiring.use(settings=SimpleNamespace(documented_lines=lambda: frozenset(lines.split(",")))):
        state = await wizard(a_cart(SIM))
        assert state.document is False, "not before it is known"
        await state.load_checks()
        assert state.document is expected


# VPN


async def test_a_region_is_a_plan_and_begins_anew_while_the_price_follows(wizard, shop):
    protection = a_pair("VPN-ADDON-PROTECTION", "VPN-ADDON-PROTECTION-INSTALL", 300)
    shop.catalog.catalog = a_catalog(an_item("VPN-UK-LONDON", 2600, region="UK-London", position=2), *protection)
    state = await wizard(fresh(VPN))
    await state.choose_option("VPN-ADDON-PROTECTION", True)
    assert [row.region for row in state.regions] == ["USA-SF", "UK-London"]
    await state.choose_region("VPN-UK-LONDON")
    assert (state.values["region"], state.region, state.box.monthly) == ("VPN-UK-LONDON", "UK-London", "¥2,860")
    assert shop.carts[VPN] == fresh(VPN, "VPN-UK-LONDON")
    assert target(await state.save_region({"region": "VPN-UK-LONDON"})) == "/order/vpn?step=review"


@pytest.mark.parametrize("sku", ["", "SIM-VOICE-5GB", "VPN-MARS"])
async def test_a_region_that_is_none_is_refused(wizard, shop, sku):
    state = await wizard(fresh(VPN))
    assert await state.save_region({"region": sku}) is None
    assert (state._reasons, shop.carts[VPN]) == ({"region": "wizard.region.missing"}, fresh(VPN))


# What happens meanwhile


async def test_an_order_placed_in_another_tab_shuts_the_form(wizard, shop):
    state = await wizard(fresh(VPN))
    shop.state = "PLACING"
    assert await state.save_region({"region": "VPN-USA-SF"}) is None
    assert (state.found, whole(state)) == ("submitted", "cart.placing")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (DOWN, "wizard.unavailable"),
        (Busy("salesforce"), "wizard.unavailable"),
        (Conflict("cart.changed"), "cart.changed"),
    ],
)
async def test_what_could_not_be_kept_is_said_and_can_be_sent_again(wizard, shop, failure, said):
    state = await wizard(fresh(INTERNET))
    shop.failure = failure
    assert await state.save_plan({"access_mode": "PPPoE"}) is None
    assert (whole(state), state.refused, state.found) == (said, 1, "open")
    shop.failure = None
    assert await state.save_plan({"access_mode": "PPPoE"})
    assert whole(state) == ""
