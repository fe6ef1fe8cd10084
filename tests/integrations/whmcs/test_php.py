"""PHP serialize in base64, by byte length (reference 2.4)."""

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal_app.integrations.whmcs.php import encode_field, serialize
from sandbox.whmcs.php import decode_field


@pytest.mark.parametrize(
    ("values", "plain", "encoded"),
    [
        (
            {5: "東京", 6: "ICCID-01"},
            'a:2:{i:5;s:6:"東京";i:6;s:8:"ICCID-01";}',
            "YToyOntpOjU7czo2OiLmnbHkuqwiO2k6NjtzOjg6IklDQ0lELTAxIjt9",
        ),
        (
            {7: {"optionid": 12, "qty": 3}},
            'a:1:{i:7;a:2:{s:8:"optionid";i:12;s:3:"qty";i:3;}}',
            "YToxOntpOjc7YToyOntzOjg6Im9wdGlvbmlkIjtpOjEyO3M6MzoicXR5IjtpOjM7fX0=",
        ),
        ({}, "a:0:{}", "YTowOnt9"),
    ],
)
def test_the_documented_vectors(values, plain, encoded):
    assert serialize(values) == plain.encode()
    assert encode_field(values) == encoded


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("198", b"i:198;"),
        ("-5", b"i:-5;"),
        ("0", b"i:0;"),
        ("-0", b's:2:"-0";'),
        ("05", b's:2:"05";'),
        ("1.5", b's:3:"1.5";'),
        ("٥", 's:2:"٥";'.encode()),
        ("9223372036854775808", b's:19:"9223372036854775808";'),
    ],
)
def test_a_key_that_reads_like_a_whole_number_is_written_as_one(key, written):
    assert serialize({key: True}) == b"a:1:{" + written + b"b:1;}"


@pytest.mark.parametrize("value", [None, 1.5, ["a"], b"x"])
def test_what_has_no_honest_form_is_refused(value):
    with pytest.raises(TypeError):
        encode_field({1: value})


@pytest.mark.parametrize("key", [None, True, 1.5])
def test_what_is_no_array_key_is_refused(key):
    with pytest.raises(TypeError):
        encode_field({key: "x"})


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(st.integers(-(2**62), 2**62) | TEXTS, TEXTS | st.booleans() | st.integers(-(2**62), 2**62)))
def test_whatever_is_written_reads_back(values):
    read = decode_field(encode_field(values))
    assert {str(key): value for key, value in read.items()} == {str(key): value for key, value in values.items()}


@pytest.mark.skipif(not shutil.which("php"), reason="php-cli is not installed")
def test_php_itself_reads_it():
    values = {198: "C-100001", 199: '"quoted"; 東京 \U0001f5fc', "name": "", 5: {"a": True}}
    code = "echo json_encode(unserialize(base64_decode(stream_get_contents(STDIN))), JSON_UNESCAPED_UNICODE);"
    read = subprocess.run(["php", "-r", code], input=encode_field(values), capture_output=True, text=True, check=True)
    assert read.stdout == '{"198":"C-100001","199":"\\"quoted\\"; 東京 \U0001f5fc","name":"","5":{"a":true}}'
