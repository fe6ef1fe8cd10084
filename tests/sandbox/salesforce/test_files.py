"""Files go up as base64 or as they are, hang on a record, and come down again byte for byte."""

from __future__ import annotations

import base64
import hashlib
import json

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
