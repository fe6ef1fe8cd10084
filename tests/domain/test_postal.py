"""Postal codes: spellings, the bundled sample, and what is wrong with a table."""

import pytest

from portal_app.domain.postal import PostalTable, read_areas, read_postal_code, sample_table


@pytest.mark.parametrize("text", ["150-0002", "1500002", "１５０－０００２", "〒150-0002", " 150ー0002 ", "150–0002"])
def test_a_code_is_read_in_any_spelling(text):
    assert read_postal_code(text) == "150-0002"


@pytest.mark.parametrize(
    "text", ["", "150-002", "150-00021", "15-00002", "abc-defg", "150--0002", "٣٣٣-٣٣٣٣", "150 0002"]
)
def test_what_is_no_code_is_refused(text):
    assert read_postal_code(text) is None


async def test_a_known_code_gives_the_area_in_both_scripts():
    (area,) = await sample_table().find("１５０0002")
    assert (area.prefecture, area.city, area.town) == ("東京都", "渋谷区", "渋谷")
    assert (area.prefecture_roman, area.city_roman, area.town_roman) == ("Tokyo", "Shibuya-ku", "Shibuya")


@pytest.mark.parametrize("text", ["999-9999", "", "no code"])
async def test_an_unknown_code_gives_nothing_and_no_error(text):
    assert await sample_table().find(text) == ()


async def test_two_areas_may_share_a_code():
    table = PostalTable(
        read_areas(["452-0961,愛知県,清須市,春日,Kiyosu-shi,Haruhi", "452-0961,愛知県,清須市,春日町,K,H"])
    )
    assert [area.town for area in await table.find("4520961")] == ["春日", "春日町"] and len(table) == 1


def test_the_sample_is_a_sample():
    assert 50 <= len(sample_table()) < 1000


@pytest.mark.parametrize(
    ("prefecture", "agrees"), [("東京都", True), ("Tokyo", True), ("tokyo ", True), ("大阪府", False), ("", False)]
)
def test_code_and_prefecture_must_agree(prefecture, agrees):
    assert sample_table().agrees("150-0002", prefecture) is agrees


def test_nothing_is_said_about_a_code_the_table_lacks():
    assert sample_table().agrees("999-9999", "東京都") is None


@pytest.mark.parametrize("row", ["150-000,東京都,a,b,c,d", "150-0002,東京,a,b,c,d", "150-0002,東京都,a,b,c"])
def test_a_bad_row_is_named(row):
    with pytest.raises(ValueError, match="row 2"):
        read_areas(["# comment", "150-0001,東京都,渋谷区,神宮前,Shibuya-ku,Jingumae", row])
