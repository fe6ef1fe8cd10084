"""O3: what is no record id never becomes part of an address."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.errors import NotFound
from portal_app.integrations.salesforce.ids import as_18, checked_id, checksum, recased
from tests.fakes.salesforce import ACCOUNT
from tests.integrations.virtual_time import in_virtual_time

ALPHABET = string.ascii_letters + string.digits
BAD = [
    "../User/005000000000001",
    "../User/005000000000001AAA",
    "https://evil.example/x",
    "//evil.example/x",
    "001000000000001AAA/../../User",
    "001000000000001AAB",
    "001000000000001aaa",
    "00100000000000",
    "0010000000000011",
    "001000000000001AAA\n",
    "001000000000001A%41",
    "00100000000000é",
    "001000000000001",
    "003000000000001AAA",
    "",
    None,
    7,
    b"001000000000001AAA",
    ["001000000000001AAA"],
]


@pytest.mark.parametrize("short", ["001000000000001AAA", "0017Q00000EiRcfQAF", "a00aj00000Oa3mMAAR"])
def test_the_checksum_is_salesforces(short):
    assert as_18(short[:15]) == short == as_18(short)
    assert short[:15] + checksum(short[:15]) == short


@given(st.text(alphabet=ALPHABET, min_size=15, max_size=15))
def test_every_short_id_has_one_long_form(short):
    full = as_18(short)
    assert full is not None and full[:15] == short
    assert as_18(full) == full


@given(st.text(alphabet=ALPHABET, min_size=15, max_size=15), st.integers(0, 14))
def test_a_letter_of_the_other_case_does_not_pass_the_checksum(short, position):
    full = as_18(short)
    swapped = full[:position] + full[position].swapcase() + full[position + 1 :]
    assert swapped == full or as_18(swapped) is None


@pytest.mark.parametrize("bad", [b for b in BAD if b != "001000000000001"], ids=repr)
@in_virtual_time
async def test_o3_a_bad_id_is_not_found_before_anything_is_sent(connected, salesforce, bad):
    with pytest.raises(NotFound):
        await connected.client.update("Account", bad, {"Name": "x"})
    assert salesforce.asked == []


def test_an_id_of_another_object_is_not_found():
    with pytest.raises(NotFound):
        checked_id("Case", ACCOUNT)
    assert checked_id("Account", ACCOUNT[:15]) == ACCOUNT


@given(st.text(max_size=40))
def test_o3_whatever_passes_is_letters_and_digits(text):
    try:
        passed = checked_id("Account", text)
    except NotFound:
        return
    assert len(passed) == 18 and passed.isascii() and passed.isalnum()


@given(st.text(alphabet=ALPHABET, min_size=15, max_size=15), st.sampled_from([str.lower, str.upper, str.swapcase]))
def test_an_id_whose_case_got_lost_is_found_again(short, spoilt):
    whole = as_18(short)
    assert whole is not None and recased(spoilt(whole)) == recased(f" {whole} ") == whole


@pytest.mark.parametrize("text", ["", "001000000000001", "0010000000000019zz", "../User/005000", "é" * 18, "-" * 18])
def test_what_is_no_id_has_no_case(text):
    assert recased(text) is None
