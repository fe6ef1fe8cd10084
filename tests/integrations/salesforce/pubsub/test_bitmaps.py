"""Bitmaps of change events."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.integrations.salesforce.pubsub.bitmaps import BadBitmap, Shape, names_in, shape_of

ADDRESS = {
    "type": "record",
    "name": "Address",
    "fields": [{"name": name, "type": ["null", "string"]} for name in ("Street", "City", "State")],
}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "AccountChangeEvent",
    "namespace": "com.sforce.eventbus",
    "fields": [
        {"name": "ChangeEventHeader", "type": {"type": "record", "name": "ChangeEventHeader", "fields": []}},
        {"name": "Name", "type": ["null", "string"]},
        {"name": "BillingAddress", "type": [ADDRESS, "null"]},
        {"name": "ShippingAddress", "type": ["null", "com.sforce.eventbus.Address"]},
        {"name": "Phone", "type": ["null", "string"]},
    ],
}
SHAPE = shape_of(SCHEMA)


@pytest.mark.parametrize(
    ("bitmaps", "names"),
    [
        (["0x10", "2-0x03"], ("Phone", "BillingAddress.Street", "BillingAddress.City")),
        (["3-0x02"], ("ShippingAddress.City",)),
        (["0x00000002"], ("Name",)),
        (["0x04"], ("BillingAddress",)),
        ([], ()),
    ],
)
def test_bits_are_counted_from_the_least_significant(bitmaps, names):
    assert names_in(bitmaps, SHAPE) == names


def test_the_vendors_own_example():
    shape = Shape(tuple(f"F{place}" for place in range(31)), {})
    assert names_in(["0x650004E0"], shape) == ("F5", "F6", "F7", "F10", "F24", "F26", "F29", "F30")


@pytest.mark.parametrize(
    "entry", ["0x20", "2-0x08", "1-0x01", "9-0x01", "10", "0x", "0xZZ", "-0x01", "2-2-0x01", "", "0x" + "0" * 3000]
)
def test_what_does_not_fit_the_schema_is_an_error_and_not_ignored(entry):
    with pytest.raises(BadBitmap):
        names_in([entry], SHAPE)


def test_too_many_entries_are_refused():
    with pytest.raises(BadBitmap):
        names_in(["0x02"] * 5000, SHAPE)


def test_a_short_name_is_found_in_the_namespace_of_its_record():
    short = {**SCHEMA, "fields": [*SCHEMA["fields"][:3], {"name": "Other", "type": ["null", "Address"]}]}
    assert names_in(["3-0x04"], shape_of(short)) == ("Other.State",)


@given(st.sets(st.integers(0, 299)))
def test_every_set_of_fields_survives_the_bitmap(places):
    shape = Shape(tuple(f"F{place}" for place in range(300)), {})
    bitmap = f"0x{sum(1 << place for place in places):08X}"
    assert names_in([bitmap], shape) == tuple(f"F{place}" for place in sorted(places))
