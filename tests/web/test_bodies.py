"""Bodies: bounded while they stream, strict when parsed (bad input 97 to 103)."""

import json

import pytest
from starlette.requests import Request

from portal_app.web import bodies
from portal_app.web.refusal import HttpProblem


def request(*chunks: bytes, headers: dict[str, str] | None = None) -> Request:
    """A POST whose body arrives in those pieces."""
    pending = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]
    pending.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive():
        return pending.pop(0)

    raw = [(k.encode(), v.encode()) for k, v in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, receive)


async def refusal(*chunks: bytes, most: int = 10, headers: dict[str, str] | None = None) -> int:
    with pytest.raises(HttpProblem) as no:
        await bodies.read_bytes(request(*chunks, headers=headers), most)
    return no.value.status


async def test_the_raw_bytes_come_out_as_they_came_in():
    assert await bodies.read_bytes(request(b"ab", b"\xff\x00c"), 10) == b"ab\xff\x00c"


async def test_row_97_a_longer_body_is_refused_declared_or_not():
    assert await refusal(b"x" * 11, headers={"content-length": "11"}) == 413
    assert await refusal(b"x" * 6, b"x" * 5) == 413
    assert await refusal(b"", headers={"content-length": "9" * 400}) == 413


async def test_row_97_reading_stops_at_the_limit_and_not_at_the_end():
    endless = request(*[b"x" * 6] * 50)
    with pytest.raises(HttpProblem):
        await bodies.read_bytes(endless, 10)
    assert (await endless.receive())["more_body"], "the rest was never read"


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "٣", "1 1", ""])
async def test_row_104_a_length_that_is_no_number_is_refused(length):
    assert await refusal(b"x", headers={"content-length": length}) == 400


async def test_row_103_a_compressed_body_is_not_unpacked():
    assert await refusal(b"\x1f\x8b", headers={"content-encoding": "gzip"}) == 415


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "", "application/xml", "application/jsonx"]
)
async def test_row_98_fields_come_as_a_form_or_as_json(kind):
    with pytest.raises(HttpProblem) as no:
        await bodies.read_fields(request(b"a=b", headers={"content-type": kind}), 100)
    assert no.value.status == 415


async def test_fields_of_a_form_and_of_json_are_the_same():
    form = request(
        b"email=a%40b&password=%E9%8D%B5+x",
        headers={"content-type": "Application/x-www-form-urlencoded; charset=UTF-8"},
    )
    flat = request(
        json.dumps({"email": "a@b", "password": "鍵 x"}).encode(), headers={"content-type": "application/json"}
    )
    assert (
        await bodies.read_fields(form, 100)
        == await bodies.read_fields(flat, 100)
        == {"email": "a@b", "password": "鍵 x"}
    )


TOO_MANY = b"&".join(b"f%d=1" % n for n in range(bodies.FIELDS + 1))


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=%ff", b"\xff=1", TOO_MANY])
def test_rows_40_60_a_repeated_name_bad_utf8_or_too_many_fields_are_malformed(body):
    with pytest.raises(HttpProblem) as no:
        bodies.form_fields(body)
    assert no.value.status == 400


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":2}}',
        b"[" * 21 + b"]" * 21,
        b'{"a":' * 1000 + b"1" + b"}" * 1000,
        b"[" * 60_000,
        b'{"a":1} x',
        b'{"a":1}{"b":2}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":' + b"9" * 10_000 + b"}",
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b"",
        b"{'a':1}",
    ],
)
def test_rows_99_to_102_json_that_is_not_strict_is_malformed(body):
    with pytest.raises(HttpProblem) as no:
        bodies.strict_json(body)
    assert no.value.status == 400


def test_row_100_brackets_inside_texts_are_not_depth():
    assert bodies.strict_json(b'{"a":"' + b"[{" * 100 + b'\\"[["}') == {"a": "[{" * 100 + '"[['}
    assert bodies.strict_json(b"[" * 20 + b"]" * 20)


@pytest.mark.parametrize(
    "body", [b"[]", b'"x"', b'{"email":5}', b'{"email":["a"]}', b'{"email":null}', b'{"email":{"$ne":""}}']
)
def test_row_59_anything_but_a_flat_object_of_texts_is_malformed(body):
    with pytest.raises(HttpProblem):
        bodies.json_fields(body)
