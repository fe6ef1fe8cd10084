"""What a checkout page is told: today's prices, every gate at once, and what was submitted."""

from dataclasses import replace

import pytest

from portal_app.domain.cart import choose_installation
from portal_app.domain.catalog import Catalog
from portal_app.domain.checkout import Missing
from portal_app.domain.documents import DocumentCheck
from portal_app.domain.eligibility import Eligibility
from portal_app.domain.services import ServiceStatus
from portal_app.errors import Busy, Conflict, NotFound, UpstreamUnavailable
from portal_app.storage.carts import CartChanged
from tests.fakes.catalog import INTERNET, SIM, VPN, a_catalog
from tests.fakes.checkout_world import ADDRESS, CARD, ELSEWHERE, TERMS, a_service

DOWN = UpstreamUnavailable("salesforce", "Query", "connect")


async def words(shop, line=SIM) -> list[str]:
    return [one.words for one in (await shop.offer(line)).missing]


async def test_without_a_cart_there_is_no_offer(shop):
    assert await shop.checkout.offer(shop.mine, SIM) is None


@pytest.mark.parametrize("line", [INTERNET, SIM, VPN])
async def test_a_complete_cart_in_good_standing_lacks_nothing(shop, line):
    record = await shop.fill(line)
    offer = await shop.offer(line)
    assert (offer.missing, offer.state, offer.unreachable, offer.notice) == ((), "open", False, "")
    assert (offer.order_key, offer.address, offer.pay_method) == (record.order_key, ADDRESS, CARD)
    assert offer.catalog_as_of == shop.clock.now() and offer.terms_version == TERMS


async def test_totals_are_those_of_the_price_book_at_this_moment(shop):
    await shop.fill(VPN)
    assert (await shop.offer(VPN)).totals.monthly.gross == 2750
    shop.outside.price("VPN-USA-SF", 3000)
    shop.outside.copy = a_catalog()
    offer = await shop.offer(VPN)
    assert (offer.totals.monthly.gross, offer.totals.once.gross) == (3300, 3300)


async def test_with_nothing_prepared_everything_is_said_at_once(shop):
    await shop.fill(INTERNET, terms_version="", terms_at=None)
    outside = shop.outside
    outside.address, outside.methods, outside.eligibility = None, (), Eligibility()
    assert await words(shop, INTERNET) == [
        "checkout.availability_ask",
        "checkout.address",
        "checkout.payment_method",
        "checkout.terms",
    ]


async def test_who_is_not_linked_is_asked_to_and_nothing_else_is_unknown(shop):
    await shop.fill(INTERNET)
    shop.mine = replace(shop.mine, salesforce_account_id="")
    assert await words(shop, INTERNET) == [
        "checkout.availability_ask",
        "checkout.link",
        "checkout.address",
        "checkout.payment_method",
    ]
    assert shop.outside.asked == ["catalog"]


PARTS = [
    (INTERNET, "address", "checkout.address_unknown"),
    (INTERNET, "pay_methods", "checkout.payment_unknown"),
    (INTERNET, "services", "checkout.services_unknown"),
    (INTERNET, "checks", "checkout.availability_unknown"),
    (INTERNET, "settling", "checkout.availability_unknown"),
    (INTERNET, "orders", "checkout.orders_unknown"),
    (SIM, "checks", "checkout.document_unknown"),
]
FAILURES = [DOWN, Busy("salesforce"), NotFound("account"), TimeoutError(), RuntimeError("a bug of ours")]


@pytest.mark.parametrize(("line", "part", "gate"), PARTS)
@pytest.mark.parametrize("failure", FAILURES, ids=lambda f: type(f).__name__)
async def test_i4_a_part_that_cannot_be_asked_is_a_gate_of_its_own_and_no_error(shop, line, part, gate, failure):
    await shop.fill(line)
    shop.outside.down[part] = failure
    assert (await shop.offer(line)).missing == (Missing(gate, "retry"),)


@pytest.mark.parametrize(
    ("part", "gate"), [("services", "checkout.services_unknown"), ("orders", "checkout.orders_unknown")]
)
async def test_i4_a_stale_copy_of_what_decides_is_not_believed(shop, part, gate):
    await shop.fill(INTERNET)
    shop.outside.stale.add(part)
    assert await words(shop, INTERNET) == [gate]


async def test_without_salesforce_the_copy_is_shown_and_nothing_can_be_ordered(shop):
    await shop.fill(SIM)
    shop.outside.copy = a_catalog()
    shop.outside.down |= {"catalog": DOWN, "checks": DOWN, "orders": DOWN}
    offer = await shop.offer()
    assert offer.unreachable and offer.catalog_as_of < shop.clock.now()
    assert offer.totals.monthly.gross == 1650
    assert offer.missing[0] == Missing("checkout.unreachable", "retry") and len(offer.missing) == 3


async def test_without_salesforce_and_without_a_copy_there_is_nothing_to_show(shop):
    await shop.fill(SIM)
    shop.outside.down["catalog"] = DOWN
    with pytest.raises(UpstreamUnavailable):
        await shop.offer()


async def test_while_a_new_address_is_on_its_way_the_old_yes_does_not_count(shop):
    await shop.fill(INTERNET)
    shop.outside.settling = True
    offer = await shop.offer(INTERNET)
    assert [one.words for one in offer.missing] == ["checkout.availability_ask"]
    assert offer.eligibility == Eligibility()


async def test_whether_an_address_is_on_its_way_is_asked_before_its_availability(shop):
    """The other way round, a move that ends in between would leave the yes of the old address standing."""
    await shop.fill(INTERNET)
    shop.outside.settling = True

    async def the_move_ends():
        shop.outside.settling, shop.outside.eligibility = False, Eligibility()

    shop.outside.will("settling", the_move_ends)
    assert await words(shop, INTERNET) == ["checkout.availability_ask"]


@pytest.mark.parametrize("status", ServiceStatus)
async def test_a_running_internet_line_is_in_the_way_of_a_second_one(shop, status):
    await shop.fill(INTERNET)
    shop.outside.services = (a_service("internet", status), a_service("sim"))
    blocked = status in (ServiceStatus.ACTIVE, ServiceStatus.SUSPENDED)
    assert await words(shop, INTERNET) == (["checkout.internet_here"] if blocked else [])


@pytest.mark.parametrize(
    ("kind", "status", "gates"),
    [
        ("sim", ServiceStatus.ACTIVE, []),
        ("sim", ServiceStatus.SUSPENDED, ["checkout.family"]),
        ("internet", ServiceStatus.ACTIVE, ["checkout.family"]),
    ],
)
async def test_a_family_plan_needs_a_sim_that_runs(shop, kind, status, gates):
    await shop.fill(SIM, plan="SIM-VOICE-5GB-FAMILY")
    shop.outside.services = (a_service(kind, status),)
    assert await words(shop) == gates


@pytest.mark.parametrize(
    ("status", "blocked"),
    [("Pending Review", True), ("Approved", True), ("On Hold", True), ("Cancelled", False), ("Rejected", False),
     ("Activated", False), ("Draft", False)],
)  # fmt: skip
async def test_an_open_order_of_the_same_line_is_in_the_way(shop, status, blocked):
    await shop.fill(VPN)
    await shop.order(VPN)
    shop.outside.orders[0].status = status
    await shop.fill(VPN)
    assert await words(shop, VPN) == (["checkout.open_order"] if blocked else [])
    await shop.fill(SIM)
    assert await words(shop, SIM) == []


@pytest.mark.parametrize(("state", "gate"), [("rejected", ["checkout.document_rejected"]), ("verified", [])])
async def test_the_document_is_what_staff_say_of_it_now(shop, state, gate):
    await shop.fill(SIM)
    shop.outside.document = DocumentCheck(state)
    assert await words(shop) == gate


async def test_the_fingerprint_is_that_of_what_is_agreed_to_and_of_nothing_else(shop):
    await shop.fill(INTERNET)
    first = (await shop.offer(INTERNET)).fingerprint
    await shop.checkout.accept_terms(shop.mine, INTERNET)
    shop.outside.methods, shop.outside.document = (), None
    shop.outside.price("SIM-VOICE-5GB", 1)
    assert (await shop.offer(INTERNET)).fingerprint == first
    seen = {first}
    for change in (
        lambda: shop.outside.price("INTERNET-GOLD-HOME-1G", 5801),
        lambda: shop.outside.price("INTERNET-INSTALL-SINGLE", 22001),
        lambda: setattr(shop.outside, "address", ELSEWHERE),
        lambda: setattr(shop.outside, "catalog", [replace(i, salesforce_price_id=i.sku) for i in shop.outside.catalog]),
    ):
        change()
        seen.add((await shop.offer(INTERNET)).fingerprint)
    await shop.checkout.confirm_address(shop.mine, INTERNET, ELSEWHERE.key)
    seen.add((await shop.offer(INTERNET)).fingerprint)
    assert len(seen) == 6


async def test_a_fee_that_comes_with_the_plan_is_a_part_of_the_fingerprint(shop):
    await shop.fill(VPN)
    before = (await shop.offer(VPN)).fingerprint
    shop.outside.price("VPN-FEE", 1)
    assert (await shop.offer(VPN)).fingerprint != before


async def test_k12_accepting_the_terms_keeps_the_key_and_confirming_an_address_makes_a_new_one(shop):
    record = await shop.fill(INTERNET, terms_version="", terms_at=None)
    await shop.checkout.accept_terms(shop.mine, INTERNET)
    accepted = await shop.record(INTERNET)
    assert accepted.order_key == record.order_key
    assert (accepted.cart.terms_version, accepted.cart.terms_at) == (TERMS, shop.clock.now())
    await shop.checkout.confirm_address(shop.mine, INTERNET, ELSEWHERE.key)
    assert (await shop.record(INTERNET)).order_key != record.order_key
    assert shop.heard == [f"customer:{shop.mine.user_id}:cart"] * 2


async def test_the_time_of_the_first_consent_stays(shop):
    await shop.fill(SIM, terms_version="2025-01")
    await shop.checkout.accept_terms(shop.mine, SIM)
    first = shop.clock.now()
    shop.clock.advance(3600)
    await shop.checkout.accept_terms(shop.mine, SIM)
    assert (await shop.record()).cart.terms_at == first


async def test_a_change_of_another_tab_is_kept_by_a_tick(shop, monkeypatch):
    await shop.fill(INTERNET, terms_version="", terms_at=None)
    save, others = shop.carts.save, ["INTERNET-INSTALL-12M"]

    async def saved(owner, cart, *, version):
        if others:
            changed = choose_installation((await shop.record(INTERNET)).cart, a_catalog(), others.pop())
            await save(owner, changed, version=version)
        return await save(owner, cart, version=version)

    monkeypatch.setattr(shop.carts, "save", saved)
    await shop.checkout.accept_terms(shop.mine, INTERNET)
    cart = (await shop.record(INTERNET)).cart
    assert (cart.internet.installation, cart.terms_version) == ("INTERNET-INSTALL-12M", TERMS)


async def test_a_tick_without_a_cart_or_among_endless_changes_is_refused(shop, monkeypatch):
    with pytest.raises(NotFound):
        await shop.checkout.accept_terms(shop.mine, SIM)
    await shop.fill(SIM)

    async def never(owner, cart, *, version):
        raise CartChanged

    monkeypatch.setattr(shop.carts, "save", never)
    with pytest.raises(CartChanged):
        await shop.checkout.accept_terms(shop.mine, SIM)


async def test_what_was_submitted_is_shown_as_it_was_and_asks_nobody(shop):
    await shop.fill(VPN)
    shop.outside.will("create", "late")
    assert (await shop.order(VPN)).outcome == "unsure"
    shop.outside.price("VPN-USA-SF", 9000)
    shop.outside.asked.clear()
    offer = await shop.offer(VPN)
    assert (offer.state, offer.missing, offer.totals.monthly.gross) == ("unsure", (), 2750)
    assert (offer.fingerprint, shop.outside.asked) == ("", [])
    with pytest.raises(Conflict) as refused:
        await shop.checkout.accept_terms(shop.mine, VPN)
    assert refused.value.reason == "cart.placing"


async def test_a_cart_that_is_being_looked_at_for_a_submit_shows_the_copy_meanwhile(shop):
    record = await shop.fill(VPN)
    await shop.carts.take(shop.mine, VPN, version=record.version, order_key=record.order_key)
    shop.outside.copy = Catalog(tuple(shop.outside.catalog))
    offer = await shop.offer(VPN)
    assert (offer.state, len(offer.lines)) == ("placing", 2)


async def test_another_customers_cart_is_not_seen(shop):
    await shop.fill(SIM)
    other = await shop.a_customer("other@example.com", "001000000000002AAA", 102)
    assert await shop.checkout.offer(other, SIM) is None
    with pytest.raises(NotFound):
        await shop.checkout.current_key(other, SIM)
