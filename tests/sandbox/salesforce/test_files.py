"""Files go up as base64 or as they are, hang on a record, and come down again byte for byte."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator

import aiohttp

from tests.sandbox.salesforce.visitors import ROOT, Salesforce

PICTURE = bytes(range(256)) * 40


async def download(salesforce: Salesforce, version: str) -> bytes:
    url = f"{salesforce.sandbox.url}{ROOT}/sobjects/ContentVersion/{version}/VersionData"
    async with salesforce.session.get(url, headers={"Authorization": f"Bearer {salesforce.token}"}) as answer:
        salesforce.status = answer.status
        return await answer.read()


async def test_a_file_as_base64_is_linked_to_its_case(salesforce: Salesforce) -> None:
    case = await salesforce.create("Case", Subject="x")
    text = base64.b64encode(PICTURE).decode()
    version = await salesforce.create(
        "ContentVersion", PathOnClient="dir/在留カード.PNG", VersionData=text, FirstPublishLocationId=case
    )
    row = await salesforce("GET", f"sobjects/ContentVersion/{version}")
    assert (row["Title"], row["FileExtension"], row["FileType"]) == ("在留カード", "png", "PNG")
    assert (row["ContentSize"], row["VersionNumber"], row["IsLatest"]) == (len(PICTURE), "1", True)
    assert row["Checksum"] == hashlib.md5(PICTURE).hexdigest()
    assert row["VersionData"].endswith(f"/sobjects/ContentVersion/{version}/VersionData")
    soql = f"SELECT ContentDocumentId, ContentDocument.Title FROM ContentDocumentLink WHERE LinkedEntityId = '{case}'"
    (link,) = await salesforce.rows(soql)
    assert link["ContentDocumentId"] == row["ContentDocumentId"] and link["ContentDocument"]["Title"] == "在留カード"
    assert await download(salesforce, version) == PICTURE


async def test_a_large_file_goes_up_in_parts(salesforce: Salesforce) -> None:
    large = PICTURE * 900
    form = aiohttp.FormData()
    meta = {"Title": "Scan", "PathOnClient": "scan.pdf"}
    form.add_field("entity_content", json.dumps(meta), content_type="application/json")
    form.add_field("VersionData", large, filename="scan.pdf", content_type="application/pdf")
    made = await salesforce("POST", "sobjects/ContentVersion", data=form)
    assert salesforce.status == 201 and made["id"].startswith("068")
    assert await download(salesforce, made["id"]) == large


async def test_a_second_version_moves_the_document_on(salesforce: Salesforce) -> None:
    fields = {"PathOnClient": "a.txt", "VersionData": base64.b64encode(b"one").decode()}
    first = await salesforce.create("ContentVersion", **fields)
    document = (await salesforce("GET", f"sobjects/ContentVersion/{first}"))["ContentDocumentId"]
    second = await salesforce.create("ContentVersion", **fields, ContentDocumentId=document)
    soql = f"SELECT Id, IsLatest, VersionNumber FROM ContentVersion WHERE ContentDocumentId = '{document}' ORDER BY Id"
    rows = [(row["Id"], row["IsLatest"], row["VersionNumber"]) for row in await salesforce.rows(soql)]
    assert rows == [(first, False, "1"), (second, True, "2")]


async def test_a_file_is_shared_by_a_link_once(salesforce: Salesforce) -> None:
    data = base64.b64encode(b"x").decode()
    version = await salesforce.create("ContentVersion", PathOnClient="a.txt", VersionData=data)
    document = (await salesforce("GET", f"sobjects/ContentVersion/{version}"))["ContentDocumentId"]
    case = await salesforce.create("Case", Subject="x")
    link = {"ContentDocumentId": document, "LinkedEntityId": case, "ShareType": "V"}
    await salesforce.create("ContentDocumentLink", **link)
    assert await salesforce.code("POST", "sobjects/ContentDocumentLink", link) == "DUPLICATE_VALUE"


async def test_a_file_without_path_or_with_broken_data_is_refused(salesforce: Salesforce) -> None:
    assert await salesforce.code("POST", "sobjects/ContentVersion", {"Title": "x"}) == "REQUIRED_FIELD_MISSING"
    broken = {"PathOnClient": "a.txt", "VersionData": "no base64!"}
    assert await salesforce.code("POST", "sobjects/ContentVersion", broken) == "JSON_PARSER_ERROR"
    await download(salesforce, "068000000000001AAA")
    assert salesforce.status == 404


def parts(*, end: bytes = b"\r\n--edge--\r\n") -> bytes:
    meta = b'{"Title": "Scan", "PathOnClient": "scan.pdf"}'
    named = b"--edge\r\nContent-Disposition: form-data; name="
    head = named + b'"entity_content"\r\nContent-Type: application/json\r\n\r\n' + meta + b"\r\n"
    return head + named + b'"VersionData"; filename="file"\r\n\r\n' + PICTURE + end


MULTIPART = {"Content-Type": "multipart/form-data; boundary=edge"}


async def test_parts_may_arrive_bit_by_bit_with_and_without_an_announced_length(salesforce: Salesforce) -> None:
    async def bits() -> AsyncIterator[bytes]:
        for at in range(0, len(parts()), 701):
            yield parts()[at : at + 701]

    for body, more in ((bits(), {}), (parts(), {"Content-Length": str(len(parts()))})):
        made = await salesforce("POST", "sobjects/ContentVersion", data=body, headers=MULTIPART | more)
        assert salesforce.status == 201
        assert await download(salesforce, made["id"]) == PICTURE


async def test_parts_without_an_end_make_no_file(salesforce: Salesforce) -> None:
    for body in (parts(end=b""), parts(end=b"\r\n--ed"), b"", b"no parts"):
        assert await salesforce.code("POST", "sobjects/ContentVersion", data=body, headers=MULTIPART)
        assert salesforce.status == 400
    assert await salesforce.rows("SELECT Id FROM ContentVersion WHERE Title = 'Scan'") == []


async def test_a_deleted_document_goes_with_versions_links_and_bytes(salesforce: Salesforce) -> None:
    case = await salesforce.create("Case", Subject="x")
    data = base64.b64encode(b"x").decode()
    version = await salesforce.create(
        "ContentVersion", PathOnClient="a.txt", VersionData=data, FirstPublishLocationId=case
    )
    document = (await salesforce("GET", f"sobjects/ContentVersion/{version}"))["ContentDocumentId"]
    await salesforce("DELETE", f"sobjects/ContentDocument/{document}")
    assert salesforce.status == 204
    assert await salesforce.rows(f"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '{case}'") == []
    assert await salesforce.rows(f"SELECT Id FROM ContentVersion WHERE Id = '{version}'") == []
    await download(salesforce, version)
    assert salesforce.status == 404
    assert await salesforce.code("DELETE", f"sobjects/ContentDocument/{document}") == "ENTITY_IS_DELETED"


async def test_staff_hide_a_file_from_customers_by_the_visibility_of_its_link(salesforce: Salesforce) -> None:
    case = await salesforce.create("Case", Subject="x")
    data = base64.b64encode(b"x").decode()
    await salesforce.create("ContentVersion", PathOnClient="a.txt", VersionData=data, FirstPublishLocationId=case)
    wanted = f"SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '{case}' AND Visibility = 'AllUsers'"
    (link,) = await salesforce.rows(wanted)
    await salesforce("PATCH", f"sobjects/ContentDocumentLink/{link['Id']}", {"Visibility": "InternalUsers"})
    assert await salesforce.rows(wanted) == []
