"""Sealed values and keyed hashes."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.storage.encryption import DecryptionFailed, FieldCipher, KeyedIndex

OLD, NEW = bytes(range(32)), bytes(range(32, 64))


@given(st.text())
def test_c1_any_text_comes_back(text):
    cipher = FieldCipher({"k1": OLD})
    assert cipher.open("users", "email", "1", cipher.seal("users", "email", "1", text)) == text


@given(st.binary())
def test_c1_any_bytes_come_back(data):
    cipher = FieldCipher({"k1": OLD})
    assert cipher.open_bytes("inbox", "body", "1", cipher.seal_bytes("inbox", "body", "1", data)) == data


def test_c1_the_stored_form_names_version_and_key_and_hides_the_text():
    sealed = FieldCipher({"k1": OLD}).seal("users", "email", "1", "ada@example.com")
    version, key_id, nonce, ciphertext = sealed.split(".")
    assert (version, key_id) == ("v1", "k1")
    assert len(base64.urlsafe_b64decode(nonce + "==")) == 12
    assert "ada" not in sealed and ciphertext


def test_c1_the_same_text_is_never_sealed_alike():
    cipher = FieldCipher({"k1": OLD})
    assert cipher.seal("users", "email", "1", "x") != cipher.seal("users", "email", "1", "x")


@pytest.mark.parametrize("place", [("users", "email", "2"), ("users", "phone", "1"), ("other", "email", "1")])
def test_c1_a_value_moved_to_another_row_column_or_table_does_not_open(place):
    cipher = FieldCipher({"k1": OLD})
    sealed = cipher.seal("users", "email", "1", "ada@example.com")
    with pytest.raises(DecryptionFailed):
        cipher.open(*place, sealed)


def test_c2_an_old_key_opens_and_the_first_key_seals():
    sealed = FieldCipher({"k1": OLD}).seal("users", "email", "1", "ada")
    both = FieldCipher({"k2": NEW, "k1": OLD})
    assert both.open("users", "email", "1", sealed) == "ada"
    assert both.seal("users", "email", "1", "ada").startswith("v1.k2.")


@pytest.mark.parametrize(
    "damage", ["", "x", "v1.k1.a", "v2.k1.AAAA.AAAA", "v1.gone.AAAA.AAAA", "v1.k1.!.!", "v1.k1.é.é"]
)
def test_what_is_damaged_does_not_open(damage):
    with pytest.raises(DecryptionFailed):
        FieldCipher({"k1": OLD}).open("users", "email", "1", damage)


def test_a_changed_bit_does_not_open():
    cipher = FieldCipher({"k1": OLD})
    sealed = cipher.seal("users", "email", "1", "ada")
    changed = sealed[:-2] + ("A" if sealed[-2] != "A" else "B") + sealed[-1]
    with pytest.raises(DecryptionFailed) as raised:
        cipher.open("users", "email", "1", changed)
    assert "ada" not in str(raised.value)


def test_the_index_is_the_same_for_the_same_text_and_key_only():
    one, other = KeyedIndex("key one"), KeyedIndex("key two")
    assert one.of("ada@example.com") == one.of("ada@example.com")
    assert one.of("ada@example.com") != other.of("ada@example.com")
    assert len(one.of("")) == 64
