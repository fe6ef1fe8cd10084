"""Choosing a plan over HTTP, and taking it along into the account: signing in, signing up, linking (K1, O1, O5)."""

import re

import httpx
import pytest

from portal_app import routes, wiring
from portal_app.domain.customer import Customer
from portal_app.storage.bus import MemoryBus
from portal_app.storage.carts import Guest
from portal_app.storage.encryption import FieldCipher, KeyedIndex
from portal_app.web import bodies
from portal_app.workflows.shopping import Shopping
from tests.fakes.becoming_world import PASSWORD
from tests.fakes.catalog import SIM, VPN
from tests.fakes.entrance import Entrance
from tests.fakes.settings import a_secure_settings
from tests.fakes.shop import FakePriceBook, MeddledCarts
from tests.web.test_who_may import cookie_of

PLAN, OTHER = "SIM-VOICE-5GB", "SIM-DATA-50GB"
OWNER = "owner@example.com"
WIZARD = routes.order_wizard("sim")


@pytest.fixture
def carts(world) -> MeddledCarts:
    return MeddledCarts(world.db, FieldCipher({"k1": bytes(range(32))}), KeyedIndex("index key"), world.clock)


@pytest.fixture
def book(world) -> FakePriceBook:
    return FakePriceBook(world.clock)


@pytest.fixture(autouse=True)
def wired(entrance, world, carts, book):
    with wiring.use(carts=carts, shopping=Shopping(carts, book, world.bus, world.clock)):
        yield


@pytest.fixture
def browser(entrance):
    return entrance.browser()


@pytest.fixture
def program(entrance):
    return entrance.program()


@pytest.fixture
async def ada(world) -> Customer:
    """Somebody who can sign in."""
    user_id = await world.users.create(OWNER, await world.passwords.hash(PASSWORD))
    await world.users.link(user_id, 101)
    return Customer(user_id, 101)


def told(bus: MemoryBus) -> list[str]:
    topics: list[str] = []
    bus.subscribe("", lambda topic, _payload: topics.append(topic))
    return topics


async def choose(client: httpx.AsyncClient, sku: str = PLAN, **more: str) -> httpx.Response:
    return await client.post(routes.API_CART, data={"sku": sku, **more})


async def sign_in(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    return await client.post(routes.API_LOGIN, data={"email": OWNER, "password": PASSWORD, **more})


def guest_of(client: httpx.AsyncClient) -> Guest:
    return Guest(client.cookies["portal_cart"])


async def everything(world) -> int:
    return await world.scalar("SELECT count(*) FROM carts WHERE state <> 'DROPPED'")


async def test_a_customers_choice_goes_into_the_cart_and_on_to_its_questions(browser, carts, ada):
    await sign_in(browser)
    answer = await choose(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, WIZARD)
    assert "portal_cart" not in answer.cookies
    assert (await carts.find(ada, SIM)).cart.plan == PLAN


async def test_a_visitors_choice_is_kept_behind_a_cookie_that_no_script_reads(browser, carts):
    answer = await choose(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{routes.LOGIN}?next={WIZARD}")
    [line] = [line for line in answer.headers.get_list("set-cookie") if line.startswith("portal_cart=")]
    assert {"HttpOnly", "Path=/", "SameSite=lax", f"Max-Age={30 * 86400}"} <= set(line.split("; "))
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", answer.cookies["portal_cart"])
    assert (await carts.find(guest_of(browser), SIM)).cart.plan == PLAN


async def test_over_https_the_cookie_is_bound_to_this_site(browser):
    with wiring.use(settings=a_secure_settings()):
        answer = await browser.post(
            routes.API_CART, data={"sku": PLAN}, headers={"origin": a_secure_settings().PORTAL_BASE_URL}
        )
    [line] = [line for line in answer.headers.get_list("set-cookie") if "portal_cart=" in line]
    assert line.startswith("__Host-portal_cart=")
    assert "Secure" in line


async def test_a_visitor_keeps_one_cookie_for_all_choices(browser, carts):
    first = await choose(browser)
    second = await choose(browser, "VPN-USA-SF")
    assert first.cookies["portal_cart"] == second.cookies["portal_cart"]
    assert [one.line for one in await carts.list_open(guest_of(browser))] == [SIM, VPN]


@pytest.mark.parametrize("planted", ["x", "x" * 44, "", "x" * 42 + ".", "ｘ" * 43])
async def test_a_cookie_that_is_not_ours_is_replaced(browser, planted):
    headers = {"cookie": f"portal_cart={planted}".encode()}
    answer = await browser.post(routes.API_CART, data={"sku": PLAN}, headers=headers)
    assert answer.cookies["portal_cart"] != planted


async def test_programs_are_answered_in_json(program, ada):
    visitor = await program.post(routes.API_CART, json={"sku": PLAN})
    assert (visitor.status_code, visitor.json()) == (200, {"line": "sim", "next": f"{routes.LOGIN}?next={WIZARD}"})
    await program.post(routes.API_LOGIN, json={"email": OWNER, "password": PASSWORD})
    mine = await program.post(routes.API_CART, json={"sku": "VPN-USA-SF"})
    assert mine.json() == {"line": "vpn", "next": routes.order_wizard("vpn")}


async def test_k1_choosing_twice_is_choosing_once_so_it_needs_no_key(browser, carts, ada, world):
    await sign_in(browser)
    await choose(browser)
    before = await carts.find(ada, SIM)
    await choose(browser)
    assert (await carts.find(ada, SIM), await everything(world)) == (before, 1)


@pytest.mark.parametrize(
    ("sku", "reason"),
    [
        ("", "cart.unknown_item"),
        ("SIM-OF-LAST-YEAR", "cart.unknown_item"),
        ("SIM-FEE", "cart.unknown_item"),
        ("SIM-DATA-100GB", "cart.not_for_sale"),
        ("'; DROP TABLE carts", "cart.unknown_item"),
        ("../User/005", "cart.unknown_item"),
        ("S" * 3000, "cart.unknown_item"),
        ("\x00\u202e", "cart.unknown_item"),
    ],
)
async def test_77_what_is_not_sold_is_refused_with_a_sentence_and_nothing_is_kept(
    entrance, browser, program, world, sku, reason
):
    answer = await choose(browser, sku)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.CATALOG)
    assert await entrance.kept(answer) == {"error": reason}
    assert "portal_cart" not in answer.cookies
    document = await program.post(routes.API_CART, json={"sku": sku})
    assert (document.status_code, document.json()["code"]) == (422, "validation")
    assert [(e["field"], e["code"]) for e in document.json()["errors"]] == [("sku", reason)]
    assert await everything(world) == 0


async def test_74_o5_nothing_but_the_sku_is_looked_at(browser, carts, ada):
    await sign_in(browser)
    await choose(browser, price="0", quantity="-1", line="vpn", user_id="bob", terms_version="2026-11", version="9")
    mine = await carts.find(ada, SIM)
    assert (mine.cart.plan, mine.cart.terms_version, mine.version) == (PLAN, "", 1)


async def test_59_98_other_shapes_of_a_body_are_refused(program, browser, world):
    as_json, as_form = ({"content-type": kind} for kind in (bodies.JSON, bodies.FORM))
    answers = [
        await program.post(routes.API_CART, json={"sku": [PLAN]}),
        await program.post(routes.API_CART, content=b'{"sku": "a", "sku": "b"}', headers=as_json),
        await browser.post(routes.API_CART, content=b"sku=a&sku=b", headers=as_form),
        await browser.post(routes.API_CART, content=b"x", headers={"content-type": "text/plain"}),
        await browser.post(routes.API_CART, data={"sku": "x" * 5000}),
        await browser.get(routes.API_CART),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 415, 413, 405]
    assert await everything(world) == 0


async def test_s14_another_site_puts_nothing_into_a_cart(browser, world, ada):
    await sign_in(browser)
    answer = await browser.post(routes.API_CART, data={"sku": PLAN}, headers={"origin": "https://evil.example"})
    assert (answer.status_code, await everything(world)) == (403, 0)


async def test_a_submitted_cart_is_not_replaced_and_the_page_says_so(entrance, browser, carts, ada):
    await sign_in(browser)
    await choose(browser)
    mine = await carts.find(ada, SIM)
    await carts.take(ada, SIM, version=mine.version, order_key=mine.order_key)
    answer = await choose(browser, OTHER)
    assert await entrance.kept(answer) == {"error": "cart.placing"}
    assert (await carts.find(ada, SIM)).cart.plan == PLAN


async def test_without_a_catalogue_the_choice_is_refused_for_now(entrance, browser, program, book):
    book.down = True
    answer = await choose(browser)
    assert await entrance.kept(answer) == {"error": "problem.unavailable"}
    assert (await program.post(routes.API_CART, json={"sku": PLAN})).status_code == 503


async def test_whoever_chooses_without_end_is_told_to_wait(entrance, browser):
    answers = [await choose(browser) for _ in range(61)]
    assert await entrance.kept(answers[-1]) == {"error": "problem.too_many_tries", "retry_after": "60"}
    assert (await choose(entrance.browser("198.51.100.7"))).headers["location"].startswith(routes.LOGIN)


async def test_signing_in_takes_the_choice_along_and_gives_the_cookie_back(browser, world, carts, ada):
    topics = told(world.bus)
    await choose(browser)
    guest = guest_of(browser)
    answer = await sign_in(browser, next=WIZARD)
    assert answer.headers["location"] == WIZARD
    assert "portal_cart" not in browser.cookies
    assert (await carts.find(ada, SIM)).cart.plan == PLAN
    assert await carts.list_open(guest) == []
    assert f"customer:{ada.user_id}:cart" in topics


async def test_signing_in_without_a_choice_leaves_the_cart_alone(browser, carts, ada):
    await sign_in(browser)
    await choose(browser)
    before = await carts.find(ada, SIM)
    answer = await sign_in(browser)
    assert answer.headers["location"] == routes.DASHBOARD
    assert await carts.find(ada, SIM) == before


async def test_o1_a_refused_sign_in_takes_nothing_along(browser, carts, ada):
    await choose(browser)
    await browser.post(routes.API_LOGIN, data={"email": OWNER, "password": "wrong"})
    assert await carts.find(ada, SIM) is None
    assert (await carts.find(guest_of(browser), SIM)).cart.plan == PLAN


async def test_o1_a_choice_goes_to_one_account_only(entrance, browser, carts, ada, world):
    await choose(browser)
    copied = browser.cookies["portal_cart"]
    await sign_in(browser)
    other = entrance.browser("198.51.100.7")
    other_id = await world.users.create("bob@example.com", await world.passwords.hash(PASSWORD))
    await world.users.link(other_id, 102)
    other.cookies.set("portal_cart", copied, domain="localhost.local", path="/")
    await other.post(routes.API_LOGIN, data={"email": "bob@example.com", "password": PASSWORD})
    assert await carts.find(Customer(other_id, 102), SIM) is None
    assert (await carts.find(ada, SIM)).cart.plan == PLAN


async def test_a_choice_that_cannot_be_taken_along_keeps_nobody_out_and_may_come_later(browser, carts, ada, caplog):
    await choose(browser)

    class Broken:
        async def list_open(self, _):
            raise ZeroDivisionError("SIM-VOICE-5GB of somebody")

    with wiring.use(carts=Broken()):
        answer = await sign_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.DASHBOARD)
    assert "cart_not_adopted" in caplog.text
    assert "SIM-VOICE" not in caplog.text
    await sign_in(browser)
    assert (await carts.find(ada, SIM)).cart.plan == PLAN


async def test_a_new_customer_goes_on_with_what_was_chosen_before_signing_up(entrance: Entrance, browser, world, carts):
    await choose(browser)
    await entrance.sign_up(browser)
    token = await entrance.token()
    answer = await browser.post(routes.API_VERIFY_EMAIL, data={"token": token, "password": "harbour lantern 58"})
    assert (answer.status_code, answer.headers["location"]) == (303, WIZARD)
    assert "portal_cart" not in browser.cookies
    user_id = await world.scalar("SELECT user_id FROM users")
    assert (await carts.find(Customer(user_id, 1), SIM)).cart.plan == PLAN


async def test_a_new_customer_who_chose_nothing_goes_to_the_dashboard(entrance, browser):
    await entrance.sign_up(browser)
    form = {"token": await entrance.token(), "password": "harbour lantern 58"}
    assert (await browser.post(routes.API_VERIFY_EMAIL, data=form)).headers["location"] == routes.DASHBOARD


async def test_p11_linking_leaves_the_choice_alone_until_a_password_is_set(entrance, browser, world, carts):
    entrance.a_legacy_client()
    await choose(browser)
    guest = guest_of(browser)
    linked = await entrance.link(browser)
    assert linked.headers["location"] == routes.SET_PASSWORD
    assert (await carts.find(guest, SIM)).cart.plan == PLAN
    answer = await browser.post(routes.API_SET_PASSWORD, data={"password": "harbour lantern 58"})
    assert answer.headers["location"] == WIZARD
    user_id = await world.scalar("SELECT user_id FROM users")
    assert (await carts.find(Customer(user_id, 7), SIM)).cart.plan == PLAN
    assert "portal_cart" not in browser.cookies


async def test_p11_who_must_set_a_password_first_chooses_nothing(entrance, browser, world):
    entrance.a_legacy_client()
    await entrance.link(browser)
    answer = await choose(browser)
    assert (answer.headers["location"], await everything(world)) == (routes.SET_PASSWORD, 0)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 200),
        ("customer", 200),
        ("unlinked", 401),
        ("disabled", 200),  # a visitor like any other
        ("signed out", 200),
        ("without password", 403),
    ],
)
async def test_o6_the_door_answers_each_person_as_the_table_says(entrance, world, who, status):
    program = entrance.program()
    if token := await cookie_of(world, who):
        program.cookies.set("portal_at", token, domain="localhost.local", path="/")
    answer = await program.post(routes.API_CART, json={"sku": PLAN})
    assert answer.status_code == status, answer.text
    owners = await world.rows("SELECT user_id IS NULL FROM carts")
    assert [row[0] for row in owners] == ([who != "customer"] if status == 200 else [])
