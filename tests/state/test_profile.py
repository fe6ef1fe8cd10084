"""The profile page: what is on file, the form that came back, and the language of it all."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal_app import wiring
from portal_app.errors import NotSignedIn, UpstreamUnavailable
from portal_app.security.policy import policy_of
from portal_app.state.profile import ProfileState
from tests.fakes.account_screens import ScreenAddresses
from tests.fakes.profile_screens import ScreenProfiles, a_profile

PAGE = "/account/profile"
DOWN = UpstreamUnavailable("whmcs", "GetClientsDetails")


@pytest.fixture
def outside_too(outside) -> Iterator[SimpleNamespace]:
    parts = {"addresses": ScreenAddresses(), "profiles": ScreenProfiles()}
    with wiring.use(**parts):
        yield SimpleNamespace(**parts, flash=outside.flash)


async def test_what_is_on_file_is_shown_and_is_what_the_form_begins_with(outside_too, tab):
    state = tab(ProfileState, PAGE)
    await state.load()
    await state.load_address()
    assert (state.profile.name, state.profile.email) == ("Hanako Yamada", "hanako@example.com")
    assert (state.form.phone, state.form.birth_date, state.form.gender) == ("090-1234-5678", "1985-04-12", "W")
    assert (state.form.language, state.form.asks_birth_date, state.form.asks_gender) == ("en", True, True)
    assert (state.filed, state.address.postal_code) == ("held", "150-0001")


async def test_a_japanese_page_says_the_family_name_first(outside_too, tab):
    state = tab(ProfileState, PAGE, locale="ja")
    await state.load()
    assert state.profile.name == "Yamada Hanako"


async def test_what_the_installation_has_no_place_for_is_not_asked(outside_too, tab):
    outside_too.profiles.profile = a_profile(keeps=frozenset())
    state = tab(ProfileState, PAGE)
    await state.load()
    assert not state.form.asks_birth_date and not state.form.asks_gender


async def test_a_refused_form_comes_back_as_it_was_typed_and_an_unticked_box_stays_so(outside_too, tab):
    outside_too.profiles.profile = a_profile(marketing=True, company="Harbour KK")
    typed = {"phone": "12", "birth_date": "1985-04-12", "gender": "W", "language": "ja"}
    kept = {f"value.{name}": text for name, text in typed.items()}
    outside_too.flash.kept["k1"] = kept | {"error": "problem.validation", "field.phone": "signup.phone_invalid"}
    state = tab(ProfileState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.errors == {"phone": "signup.phone_invalid"}
    assert (state.form.phone, state.form.language, state.form.company, state.form.marketing) == ("12", "ja", "", False)
    assert state.profile.phone == "090-1234-5678", "what is on file is what is on file"


async def test_good_news_is_said_once(outside_too, tab):
    outside_too.flash.kept["k1"] = {"notice": "profile.saved"}
    state = tab(ProfileState, PAGE, cookie="flash=k1")
    await state.load()
    assert state.notice == "profile.saved"
    again = tab(ProfileState, PAGE, cookie="flash=k1")
    await again.load()
    assert again.notice == ""


async def test_while_whmcs_is_down_what_was_read_stays(outside_too, tab):
    outside_too.profiles.failure = DOWN
    state = tab(ProfileState, PAGE)
    await state.load()
    assert state.known == "failed"
    outside_too.profiles.failure = None
    await state.load()
    outside_too.profiles.failure = DOWN
    await state.load()
    assert (state.known, state.profile.customer_number) == ("held", "C-100007")


async def test_the_profile_shows_while_the_address_cannot_be_read(outside_too, tab):
    outside_too.addresses.failure = DOWN
    state = tab(ProfileState, PAGE)
    await state.load()
    await state.load_address()
    assert (state.known, state.filed) == ("held", "failed")


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("phone", "12", "signup.phone_invalid"),
        ("birth_date", "2020-01-01", "signup.too_young"),
    ],
)
async def test_a_field_is_judged_when_it_is_left_and_its_value_not_kept(outside_too, tab, field, value, reason):
    state = tab(ProfileState, PAGE)
    state.check(field, value)
    assert state.errors == {field: reason}
    assert value not in str(state.dict())
    state.check(field, "")
    assert state.errors == {}
    state.check("user_id", "x")
    assert state.errors == {}


async def test_o6_nobody_reads_a_profile_without_a_session(outside_too, tab):
    for handler in ("load", "load_address"):
        assert policy_of(ProfileState.event_handlers[handler].fn).who == "signed_in"
        with pytest.raises(NotSignedIn):
            await getattr(tab(ProfileState, PAGE, signed_in=False), handler)()


async def test_o1_everybody_reads_only_their_own(outside_too, tab):
    asked = []
    original = outside_too.profiles.get

    async def get(customer, **options):
        asked.append(customer)
        return await original(customer, **options)

    outside_too.profiles.get = get
    state = tab(ProfileState, f"{PAGE}?user_id=user-2")
    await state.load()
    assert [(one.user_id, one.whmcs_client_id) for one in asked] == [("user-1", 7)]
