"""Which plans an address allows."""

import pytest

from portal_app.domain.offering import Offering, read_offering, refusal


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Home 1G", Offering("home", 1000)),
        ("Apartment 1G", Offering("apartment", 1000)),
        ("Apartment 100M", Offering("apartment", 100)),
        ("Home 10G", Offering("home", 10_000)),
        ("  ＨＯＭＥ　１Ｇ ", Offering("home", 1000)),
        ("Home 1Gbps", Offering("home", 1000)),
        ("Boat 1G", None),
        ("Home", None),
        ("", None),
        ("Home 1G; Apartment 1G", None),
    ],
)
def test_an_offering_is_read_in_any_spelling_and_nothing_is_guessed(text, expected):
    assert read_offering(text) == expected


@pytest.mark.parametrize(
    ("plan", "address", "reason"),
    [
        ("Home 1G", "Home 1G", ""),
        ("Home 10G", "Home 1G", "speed"),
        ("Home 1G", "Home 10G", ""),
        ("Apartment 1G", "Home 1G", "dwelling"),
        ("Home 1G", "Apartment 1G", "dwelling"),
        ("Apartment 1G", "Apartment 100M", "speed"),
        ("Apartment 100M", "Apartment 1G", ""),
        ("Home 1G", "", "unknown"),
        ("", "Home 1G", "unknown"),
    ],
)
def test_a_plan_needs_the_same_dwelling_and_a_line_that_is_fast_enough(plan, address, reason):
    assert refusal(plan, address) == reason
