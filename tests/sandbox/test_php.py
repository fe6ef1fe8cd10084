"""PHP's form arrays and serialize(), with the vectors of the reference."""

from __future__ import annotations

import base64

import pytest

from sandbox.whmcs.forms import php_array
from sandbox.whmcs.php import NotSerialized, decode_field, encode_field


def test_brackets_become_nested_arrays() -> None:
    pairs = [("pid[0]", "5"), ("pid[1]", "9"), ("email_preferences[invoice]", "1"), ("a[]", "x"), ("a[]", "y")]
    assert php_array(pairs) == {
        "pid": {"0": "5", "1": "9"},
        "email_preferences": {"invoice": "1"},
        "a": {"0": "x", "1": "y"},
    }


def test_a_later_scalar_replaces_an_array_and_the_reverse() -> None:
    assert php_array([("a[0]", "1"), ("a", "2")]) == {"a": "2"}
    assert php_array([("a", "2"), ("a[k][l]", "1")]) == {"a": {"k": {"l": "1"}}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("YToyOntpOjU7czo2OiLmnbHkuqwiO2k6NjtzOjg6IklDQ0lELTAxIjt9", {5: "東京", 6: "ICCID-01"}),
        (
            "YToxOntpOjc7YToyOntzOjg6Im9wdGlvbmlkIjtpOjEyO3M6MzoicXR5IjtpOjM7fX0=",
            {7: {"optionid": 12, "qty": 3}},
        ),
        ("YTowOnt9", {}),
    ],
)
def test_the_reference_vectors_decode_and_encode(text: str, value: dict) -> None:
    assert decode_field(text) == value
    assert encode_field(value) == text


@pytest.mark.parametrize(
    "raw",
    [
        'a:1:{i:5;s:2:"東京";}',  # characters counted instead of bytes
        'a:2:{i:5;s:1:"x";}',
        'a:1:{i:5;s:1:"x"}',
        'a:1:{i:5;s:1:"x";}tail',
        's:1:"x";',
        "",
    ],
)
def test_what_php_would_reject_is_rejected(raw: str) -> None:
    with pytest.raises(NotSerialized):
        decode_field(base64.b64encode(raw.encode()).decode())


def test_text_that_is_no_base64_is_rejected() -> None:
    with pytest.raises(NotSerialized):
        decode_field("not base64!")
