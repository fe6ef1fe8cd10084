"""Numbers of lines as staff type them."""

import pytest

from portal_app.domain.sims import is_product_number, read_line_number, read_product_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("070-1234-5678", "+817012345678"),
        ("０７０－１２３４－５６７８", "+817012345678"),
        ("+81 70 1234 5678", "+817012345678"),
        (" 07000000001\n", "+817000000001"),
        ("02012345678901", "+812012345678901"),
        ("", ""),
        ("7012345678", ""),
        ("0312345678", ""),
        ("070-1234-567x", ""),
        ("020123456789012", ""),
        ("+1 212 555 0100", ""),
    ],
)
def test_the_number_of_a_line_is_read_as_staff_type_it(text: str, number: str) -> None:
    assert read_line_number(text) == number
    assert read_line_number(number) == number


def test_a_product_number_is_two_capitals_and_thirteen_digits() -> None:
    assert is_product_number("AX0000000000001")
    assert not any(map(is_product_number, ("ax0000000000001", "AX000000000001", "AX00000000000011", "A10000000000001")))


def test_a_product_number_is_read_as_staff_type_it() -> None:
    for text in ("AX0000000000001", " ax-0000 0000 00001\n", "ＡＸ" + "０" * 12 + "１"):
        assert read_product_number(text) == "AX0000000000001"
    for text in ("", "AX", "0000000000000AX", "AX00000000000011"):
        assert read_product_number(text) == ""
