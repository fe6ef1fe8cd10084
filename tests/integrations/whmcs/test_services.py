"""A customer's services: whose, what kind, how much with tax, how fresh."""

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from portal_app.domain.services import BillingCycle, ServiceStatus
from portal_app.errors import NotFound, UpstreamUnavailable
from tests.fakes.whmcs import a_wire_invoice, a_wire_service, page_of_html, success


@pytest.fixture
def services(desk):
    return desk.services


async def only(services, customer, whmcs, **changed):
    """The one service of a customer, as the portal sees it."""
    whmcs.services = [a_wire_service(**changed)]
    return (await services.list_services(customer)).items[0]


async def test_a_service_as_the_portal_sees_it(services, customer, whmcs):
    service = await only(services, customer, whmcs, domain="203-0113.example.net")
    assert (service.whmcs_service_id, service.whmcs_product_id, service.kind) == (31, 182, "internet")
    assert (service.name, service.label) == ("Internet Gold (Home 1G)", "203-0113.example.net")
    assert (service.registered_on, service.next_due_on) == (date(2025, 6, 1), date(2026, 2, 1))


async def test_the_amount_includes_consumption_tax_cut_to_whole_yen(services, customer, whmcs):
    assert (await only(services, customer, whmcs, recurringamount="1833.00")).amount == Decimal(2016)


async def test_an_installation_that_shows_amounts_with_tax_gets_none_added(desk, customer, whmcs):
    desk.services._tax_percent = Decimal(0)
    assert (await only(desk.services, customer, whmcs, recurringamount="1833.00")).amount == Decimal(1833)


async def test_a_one_time_product_shows_what_was_paid_for_it(services, customer, whmcs):
    once = {"billingcycle": "One Time", "firstpaymentamount": "22000.00", "recurringamount": "0.00"}
    service = await only(services, customer, whmcs, **once)
    assert (service.cycle, service.amount) == (BillingCycle.ONETIME, Decimal(24200))


@pytest.mark.parametrize(
    ("spelled", "cycle"),
    [
        ("Free Account", BillingCycle.FREE),
        ("One Time", BillingCycle.ONETIME),
        ("One-Time", BillingCycle.ONETIME),
        ("Monthly", BillingCycle.MONTHLY),
        ("Semi-Annually", BillingCycle.SEMIANNUALLY),
        ("triennially", BillingCycle.TRIENNIALLY),
        ("Every full moon", BillingCycle.OTHER),
    ],
)
async def test_billing_cycles_in_all_their_spellings(services, customer, whmcs, spelled, cycle):
    assert (await only(services, customer, whmcs, billingcycle=spelled)).cycle is cycle


@pytest.mark.parametrize(("spelled", "status"), [("active", ServiceStatus.ACTIVE), ("Waiting", ServiceStatus.OTHER)])
async def test_a_status_nobody_knows_is_other(services, customer, whmcs, spelled, status):
    assert (await only(services, customer, whmcs, status=spelled)).status is status


@pytest.mark.parametrize(
    ("group", "name", "kind"),
    [
        ("Internet", "Internet Gold (Home 1G)", "internet"),
        ("SIM", "SIM Data+Voice 5GB", "sim"),
        ("VPN", "VPN Router UK (London)", "vpn"),
        ("SIM Options", "SIM activation", "other"),
        ("Internet Options", "Home phone", "other"),
        ("Specials", "VPN for cafés", "vpn"),
        ("", "Data SIM 3GB", "sim"),
        ("", "Simple hosting", "other"),
    ],
)
async def test_the_kind_is_told_by_the_group_and_only_else_by_the_name(services, customer, whmcs, group, name, kind):
    assert (await only(services, customer, whmcs, groupname=group, name=name)).kind == kind


@pytest.mark.parametrize("key", ["name", "fieldname", "translated_name"])
async def test_a_sim_is_told_apart_by_its_phone_number_whatever_the_key_is_called(services, customer, whmcs, key):
    fields = {
        "customfield": [{"id": "1", key: "Other", "value": "x"}, {"id": 2, key: "Phone Number", "value": "090-1"}]
    }
    assert (await only(services, customer, whmcs, customfields=fields)).label == "090-1"


@pytest.mark.parametrize("empty", ["", [], {}, {"customfield": []}, {"customfield": ""}, None])
async def test_custom_fields_may_be_empty_in_every_spelling(services, customer, whmcs, empty):
    assert (await only(services, customer, whmcs, customfields=empty)).label == ""


async def test_a_row_without_custom_fields_or_group_or_order_number_is_fine(services, customer, whmcs):
    row = a_wire_service()
    for key in ("customfields", "groupname", "configoptions", "pid"):
        del row[key]
    whmcs.services = [row]
    assert (await services.list_services(customer)).items[0].whmcs_product_id == 0


async def test_a_service_that_never_falls_due_has_no_due_day(services, customer, whmcs):
    assert (await only(services, customer, whmcs, nextduedate="0000-00-00")).next_due_on is None


async def test_the_plaintext_password_of_a_service_is_dropped_on_parsing(desk, services, customer, whmcs):
    page = await desk.client.get_clients_products(7, start=0, limit=10)
    await only(services, customer, whmcs)
    page = await desk.client.get_clients_products(7, start=0, limit=10)
    assert page.items
    stored = desk.db.sqlite_path.read_bytes().decode("latin-1")
    assert "Canary" not in repr(page) + page.items[0].model_dump_json() + stored


async def test_o2_a_service_of_another_client_spoils_the_whole_answer(desk, services, customer, whmcs):
    whmcs.will("GetClientsProducts", success(totalresults="1", products={"product": [a_wire_service(31, client_id=8)]}))
    with pytest.raises(NotFound):
        await services.list_services(customer)
    assert desk.foreign == [(customer.user_id, "service", 31)]
    assert await desk.services_mirror.list(customer) == []


async def test_services_are_asked_for_again_after_five_minutes(desk, services, customer, whmcs, clock):
    await services.list_services(customer)
    clock.advance(299)
    await services.list_services(customer)
    assert len(whmcs.asked("GetClientsProducts")) == 1
    clock.advance(2)
    await services.list_services(customer)
    await desk.marks.settled()
    assert len(whmcs.asked("GetClientsProducts")) == 2


async def test_with_whmcs_down_the_last_copy_is_shown(services, customer, whmcs, clock):
    await only(services, customer, whmcs)
    whmcs.down = True
    clock.advance(301)
    kept = await services.list_services(customer, wait=True)
    assert (kept.active, kept.stale) == (1, True)


async def test_with_whmcs_down_and_no_copy_the_failure_is_raised(services, customer, whmcs):
    whmcs.will("GetClientsProducts", page_of_html())
    with pytest.raises(UpstreamUnavailable):
        await services.list_services(customer)


async def test_refresh_makes_the_next_look_ask(services, customer, whmcs):
    await services.list_services(customer)
    await services.refresh(customer)
    await services.list_services(customer, wait=True)
    assert len(whmcs.asked("GetClientsProducts")) == 2


async def test_a_synced_client_has_a_fresh_copy_for_everybody(services, customer, whmcs):
    await services.list_services(customer)
    whmcs.services = [a_wire_service(status="Suspended")]
    await services.sync_client(7)
    shown = await services.list_services(customer)
    assert shown.items[0].status is ServiceStatus.SUSPENDED
    assert len(whmcs.asked("GetClientsProducts")) == 2


async def test_syncing_reads_in_the_background(desk, services, whmcs):
    seen = []
    slot = desk.upstream._throttle.slot

    def watched(*, background, user):
        seen.append(background)
        return slot(background=background, user=user)

    desk.upstream._throttle.slot = watched
    await services.sync_client(7)
    await desk.billing.operator_list_invoices("Unpaid", start=0, limit=5)
    whmcs.invoices = [a_wire_invoice(101)]
    await desk.billing.sync_invoice(101)
    await desk.billing.sync_invoice(101, background=False)
    assert seen == [True, True, True, False]


@pytest.mark.parametrize("hostile", [0, -1, 2**31])
async def test_o3_what_cannot_be_a_client_is_not_even_asked_for(services, whmcs, hostile):
    with pytest.raises(NotFound):
        await services.sync_client(hostile)
    assert whmcs.calls == []


async def test_of_two_syncs_the_one_with_older_data_never_leaves_it_looking_fresh(
    services, customer, whmcs, monkeypatch
):
    whmcs.services = [a_wire_service(31, status="Active")]
    await services.list_services(customer)
    read, has_read, go_on = services._read, asyncio.Event(), asyncio.Event()

    async def held_up(*args):
        rows = await read(*args)
        has_read.set()
        await go_on.wait()
        return rows

    monkeypatch.setattr(services, "_read", held_up)
    older = asyncio.create_task(services.sync_client(7))
    await has_read.wait()
    monkeypatch.setattr(services, "_read", read)
    whmcs.services = [a_wire_service(31, status="Suspended")]
    await services.sync_client(7)
    go_on.set()
    await older
    shown = await services.list_services(customer, wait=True)
    assert shown.items[0].status is ServiceStatus.SUSPENDED


async def test_one_service_is_asked_for_by_its_id_and_kept_ten_minutes(services, customer, whmcs, clock):
    whmcs.services = [a_wire_service(31, orderid="12", paymentmethod=" stripe "), a_wire_service(32)]
    found = await services.get_service(customer, 31)
    assert (found.service.whmcs_service_id, found.service.whmcs_order_id, found.service.gateway) == (31, 12, "stripe")
    (asked,) = whmcs.asked("GetClientsProducts")
    assert (asked["clientid"], asked["serviceid"]) == ("7", "31")
    clock.advance(480)
    await services.get_service(customer, 31)
    assert len(whmcs.asked("GetClientsProducts")) == 1
    clock.advance(121)
    await services.get_service(customer, 31)
    assert len(whmcs.asked("GetClientsProducts")) == 2


async def test_o1_an_unknown_service_and_somebody_elses_are_not_found_alike_and_only_the_latter_is_told(
    desk, services, customer, other_customer, whmcs
):
    whmcs.services = [a_wire_service(31), a_wire_service(41, client_id=8)]
    await services.list_services(other_customer)
    for wanted in (41, 99, 0, 2**31):
        with pytest.raises(NotFound) as missing:
            await services.get_service(customer, wanted)
        assert missing.value.kind == "service"
    assert desk.foreign == [(customer.user_id, "service", 41)]


async def test_o2_an_answer_about_another_service_or_client_is_not_found(desk, services, customer, whmcs):
    for row in (a_wire_service(32), a_wire_service(31, client_id=8)):
        whmcs.will("GetClientsProducts", success(totalresults="1", products={"product": [row]}))
        with pytest.raises(NotFound):
            await services.get_service(customer, 31)
        await desk.cache.clear(customer)
    assert desk.foreign == [(customer.user_id, "service", 31)]


async def test_a_service_kept_never_contradicts_the_list(services, customer, whmcs, clock):
    whmcs.services = [a_wire_service(31)]
    await services.list_services(customer)
    await services.get_service(customer, 31)
    whmcs.services = [a_wire_service(31, status="Suspended")]
    clock.advance(301)
    await services.list_services(customer, wait=True)
    assert (await services.get_service(customer, 31)).service.status is ServiceStatus.SUSPENDED


async def test_h4_with_whmcs_down_one_service_is_the_last_copy_there_is(services, customer, whmcs, clock):
    whmcs.services = [a_wire_service(31), a_wire_service(32)]
    await services.get_service(customer, 31)
    await services.list_services(customer)
    clock.advance(700)
    whmcs.down = True
    for known in (31, 32):
        found = await services.get_service(customer, known)
        assert (found.service.whmcs_service_id, found.stale) == (known, True)
    with pytest.raises(NotFound):
        await services.get_service(customer, 99)


async def test_with_whmcs_down_and_no_copy_of_one_the_failure_is_raised(services, customer, whmcs):
    whmcs.down = True
    with pytest.raises(UpstreamUnavailable):
        await services.get_service(customer, 31)
