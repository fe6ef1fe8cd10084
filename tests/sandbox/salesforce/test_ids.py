"""Ids: the checksum of the help page, both lengths, any case."""

from __future__ import annotations

import pytest

from sandbox.salesforce import ids


@pytest.mark.parametrize("known", ["001000000000001AAA", "0017Q00000EiRcfQAF", "a00aj00000Oa3mMAAR"])
def test_the_checksum_is_the_published_one(known: str) -> None:
    assert ids.normal(known[:15]) == ids.normal(known) == known


def test_eighteen_characters_need_no_case_and_fifteen_do() -> None:
    assert ids.normal("0017q00000eircfqaf") == "0017Q00000EiRcfQAF"
    assert ids.normal("0017q00000eircf") != "0017Q00000EiRcfQAF"


@pytest.mark.parametrize(
    "text", ["", "001", "0017Q00000EiRcfQAG", "0017Q00000EiRcf\n", "../User/00500000001", "１" * 15]
)
def test_what_is_no_id_is_none(text: str) -> None:
    assert ids.normal(text) is None


def test_later_records_have_greater_ids_with_their_prefix() -> None:
    made = [ids.make("500", number) for number in range(1, 300)]
    assert made == sorted(made) and len(set(made)) == 299
    assert all(one.startswith("500") and ids.normal(one) == one for one in made)
