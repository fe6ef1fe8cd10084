"""Single values and lists as WHMCS really spells them (reference 2, 2.1)."""

from datetime import date
from decimal import Decimal

import pytest

from portal_app.integrations.whmcs.values import (
    as_list,
    parse_day,
    parse_flag,
    parse_id,
    parse_int,
    parse_money,
    parse_reference,
    parse_shown_money,
    parse_text,
)


@pytest.mark.parametrize("value", [5, "5", " 5 "])
def test_ids_are_numbers_or_strings(value):
    assert parse_id(value) == 5


@pytest.mark.parametrize(
    "value", [0, "0", -1, "-5", "5.0", "5a", "", None, True, 2**31, "٥", "1e3", [], 5.0, "0x10", "1_0"]
)
def test_o3_what_is_no_id_of_whmcs_is_refused(value):
    with pytest.raises(ValueError):
        parse_id(value)


@pytest.mark.parametrize("value", [0, "0", "", None, "-1"])
def test_zero_means_no_reference(value):
    assert parse_reference(value) is None


def test_counts_may_be_zero():
    assert parse_int("0") == 0


@pytest.mark.parametrize(
    ("value", "amount"),
    [("15.95", "15.95"), ("1500.00", "1500"), ("-1.00", "-1"), (1500, "1500"), (Decimal("1.5"), "1.5")],
)
def test_money_is_decimal(value, amount):
    assert parse_money(value) == Decimal(amount)


@pytest.mark.parametrize("value", ["", "NaN", "Infinity", "1,500.00", "¥1500", None, True, 1.5, "1e99"])
def test_display_strings_floats_and_nonsense_are_no_money(value):
    with pytest.raises(ValueError):
        parse_money(value)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("¥12,345.00 JPY", "12345"), ("$2645.80 USD", "2645.80"), ("$-26.80 USD", "-26.80"), ("¥0", "0")],
)
def test_shown_money_can_be_compared(text, amount):
    assert parse_shown_money(text) == Decimal(amount)


@pytest.mark.parametrize("value", ["0000-00-00", "0000-00-00 00:00:00", "-0001-11-30 00:00:00", "", " ", None, False])
def test_an_empty_date_has_many_spellings(value):
    assert parse_day(value) is None


@pytest.mark.parametrize("value", ["2026-04-01", "2026-04-01 23:59:59"])
def test_a_date_and_a_local_datetime_give_their_day(value):
    assert parse_day(value) == date(2026, 4, 1)


@pytest.mark.parametrize("value", ["17/05/2019 10:01", "soon", "2026-13-01"])
def test_a_localised_date_is_not_guessed_at(value):
    with pytest.raises(ValueError):
        parse_day(value)


@pytest.mark.parametrize("value", [True, 1, "1", "true", "True", "on", "yes"])
def test_yes_has_many_spellings(value):
    assert parse_flag(value) is True


@pytest.mark.parametrize("value", [False, 0, "0", "false", "off", "no", "", None])
def test_no_has_many_spellings(value):
    assert parse_flag(value) is False


def test_a_flag_that_is_neither_is_refused():
    with pytest.raises(ValueError):
        parse_flag("2")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("O&#039;Brien", "O'Brien"),
        ("calls &amp; SMS", "calls & SMS"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        (None, ""),
        (5, "5"),
        ([], ""),
    ],
)
def test_entities_are_undone_once(stored, shown):
    assert parse_text(stored) == shown


ROW, OTHER = {"id": 1}, {"id": 2}


@pytest.mark.parametrize(
    "value",
    [
        {"row": [ROW, OTHER]},
        [ROW, OTHER],
        {"0": ROW, "1": OTHER},
        {"0": ROW, "2": OTHER},
        {"row": {"0": ROW, "2": OTHER}},
    ],
    ids=["wrapped", "flat", "numeric keys", "keys with a gap", "wrapped numeric keys"],
)
def test_every_spelling_of_two_rows(value):
    assert as_list(value, "row") == [ROW, OTHER]


@pytest.mark.parametrize("value", [{"row": [ROW]}, {"row": ROW}, [ROW], {"0": ROW}, ROW])
def test_every_spelling_of_one_row(value):
    assert as_list(value, "row") == [ROW]


@pytest.mark.parametrize("value", [[], {}, "", None, False, {"row": []}, {"row": ""}, {"row": {}}, {"row": None}])
def test_every_spelling_of_no_rows(value):
    assert as_list(value, "row") == []


@pytest.mark.parametrize("value", ["nothing found", 5, True, {"row": "x"}])
def test_a_text_is_no_list(value):
    with pytest.raises(ValueError):
        as_list(value, "row")
