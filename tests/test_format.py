"""How money, days and times read in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from portal_app.format import clock, count, day, month, percent, person, yen

NOON_IN_JAPAN = datetime(2026, 11, 21, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "locale", "text"),
    [
        ("5980", "en", "¥5,980"),
        ("5980.00", "ja", "￥5,980"),
        ("0", "ja", "￥0"),
        ("-500", "en", "-¥500"),
        ("1234567", "fr", "¥1,234,567"),
    ],
)
def test_yen_have_no_decimals_and_the_sign_of_the_language(amount, locale, text):
    assert yen(Decimal(amount), locale) == text


def test_days_read_as_each_language_writes_them():
    assert (day(date(2026, 9, 21), "en"), day(date(2026, 9, 21), "ja")) == ("21 Sep 2026", "2026年9月21日")
    assert day(None, "en") == "–"


def test_a_time_is_japan_time_and_has_its_day_only_when_that_is_not_today():
    assert clock(NOON_IN_JAPAN, NOON_IN_JAPAN, "en") == "12:00"
    late_evening_before = datetime(2026, 11, 20, 14, 59, tzinfo=UTC)
    assert clock(late_evening_before, NOON_IN_JAPAN, "ja") == "2026年11月20日 23:59"
    after_midnight_in_japan = datetime(2026, 11, 20, 15, 1, tzinfo=UTC)
    assert clock(after_midnight_in_japan, NOON_IN_JAPAN, "en") == "00:01"


def test_tax_rates_and_counts():
    assert (percent(Decimal("10.00"), "ja"), percent(Decimal("7.5"), "en")) == ("10%", "7.5%")
    assert count(12000, "en") == "12,000"


def test_a_customer_is_called_by_the_custom_of_the_language():
    assert person("Hanako", "Yamada", "en") == "Hanako"
    assert person("花子", "山田", "ja") == "山田 花子"
    assert person("", "Yamada", "en") == "Yamada"


def test_the_month_of_a_card_is_written_in_the_language():
    assert (month(date(2027, 2, 28), "en"), month(date(2027, 2, 28), "ja")) == ("Feb 2027", "2027年2月")
