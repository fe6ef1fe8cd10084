"""How parameters are spelled for PHP (reference 2.3)."""

from decimal import Decimal

import pytest

from portal_app.integrations.whmcs.transport import spelled


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        (None, []),
        ("", [("x", "")]),
        (True, [("x", "1")]),
        (False, [("x", "0")]),
        (0, [("x", "0")]),
        (Decimal("1E+3"), [("x", "1000")]),
        ([5, 9], [("x[0]", "5"), ("x[1]", "9")]),
        ([None, 9], [("x[1]", "9")]),
        ({"invoice": True, 13: "line"}, [("x[invoice]", "1"), ("x[13]", "line")]),
        ([{"a": 1}], [("x[0][a]", "1")]),
    ],
)
def test_parameters_are_spelled_as_php_reads_them(value, fields):
    assert list(spelled({"x": value})) == fields


@pytest.mark.parametrize("value", [1.5, object(), b"x"])
def test_what_has_no_certain_spelling_is_refused(value):
    with pytest.raises(TypeError):
        list(spelled({"x": value}))
