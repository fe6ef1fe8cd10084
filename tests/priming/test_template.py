"""A template: what React wrote between marks is decided, repeated and filled in, and nothing of it is read as code."""

import pytest
from jinja2 import TemplateError, UndefinedError

from portal_app.priming.template import BadPath, Template, told

HOSTILE = (
    "</script><script>alert(1)</script>\"'&<b>\u2028\u202egnp\u202c{{7*7}}{%x%}\ue000who.name\ue001\ue002else\ue003"
)
ESCAPED = (
    "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;&lt;b&gt;\u2028\u202egnp\u202c{{7*7}}{%x%}"
    "\ue000who.name\ue001\ue002else\ue003"
)


def rendered(page: str, **who: object) -> str:
    return Template(page).render({"who": who})


def test_a_text_is_put_where_its_mark_stands_in_elements_and_in_attributes() -> None:
    assert rendered('<p title="\ue000who.name\ue001">Dear \ue000who.name\ue001</p>', name="A&B") == (
        '<p title="A&amp;B">Dear A&amp;B</p>'
    )


def test_hostile_text_stays_text_and_marks_of_its_own_are_letters() -> None:
    assert rendered('<p title="\ue000who.name\ue001">\ue000who.name\ue001</p>', name=HOSTILE) == (
        f'<p title="{ESCAPED}">{ESCAPED}</p>'
    )


def test_what_stands_in_the_page_itself_is_never_read_as_code() -> None:
    assert rendered("<p>{{ who.name }} {% if %} {# #}</p>\n", name="x") == "<p>{{ who.name }} {% if %} {# #}</p>\n"


def test_one_of_two_texts_is_chosen_and_react_s_escaping_of_the_condition_is_undone() -> None:
    page = '<p class="\ue002if who.kind == &quot;a&amp;b&quot;\ue003x\ue002else\ue003y\ue002endif\ue003"></p>'
    assert rendered(page, kind="a&b") == '<p class="x"></p>'
    assert rendered(page, kind="") == '<p class="y"></p>'


def test_one_of_two_elements_is_chosen() -> None:
    page = '<i></i><x-m k="if who.on"></x-m><b></b><x-m k="else"></x-m><u></u><x-m k="endif"></x-m>'
    assert rendered(page, on=True) == "<i></i><b></b>"
    assert rendered(page, on=False) == "<i></i><u></u>"


def test_texts_that_meet_where_an_element_was_left_out_stay_two_nodes_as_react_has_them() -> None:
    page = '<p>one<x-m k="if who.on"></x-m>two<x-m k="else"></x-m><x-m k="endif"></x-m>three</p>'
    assert rendered(page, on=True) == "<p>one<!-- -->two<!-- -->three</p>"
    assert rendered(page, on=False) == "<p>one<!-- --><!-- -->three</p>"


def test_rows_are_repeated_in_their_order_and_none_leave_nothing() -> None:
    loop = '<x-m k="for r in who.rows"></x-m><x-m k="set each = r"></x-m>'
    page = f'<ul>{loop}<li>\ue000each.n\ue001</li><x-m k="endfor"></x-m></ul>'
    assert rendered(page, rows=[{"n": "1"}, {"n": "2"}]) == "<ul><li>1</li><li>2</li></ul>"
    assert rendered(page, rows=[]) == "<ul></ul>"


def test_a_bool_is_written_as_scripts_write_it() -> None:
    assert rendered('<p data-on="\ue000who.on|script\ue001"></p>', on=True) == '<p data-on="true"></p>'
    assert rendered('<p data-on="\ue000who.on|script\ue001"></p>', on=False) == '<p data-on="false"></p>'


@pytest.mark.parametrize("name", ["items", "values", "keys", "get", "update"])
def test_a_field_is_a_field_even_when_dictionaries_have_a_method_of_its_name(name) -> None:
    assert rendered(f"<p>\ue000who.{name}\ue001</p>", **{name: "mine"}) == "<p>mine</p>"


def test_a_path_of_ours_is_put_into_a_link() -> None:
    assert (
        rendered('<a href="/\ue006who.href\ue007"></a>', href="/orders?a=1&b=2") == '<a href="/orders?a=1&amp;b=2"></a>'
    )
    assert rendered('<a href="/\ue006who.href\ue007"></a>', href="") == '<a href=""></a>'


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "//evil.example", "https://evil.example", "orders", " /orders"]
)
def test_a_link_takes_nothing_but_a_path_of_ours(href) -> None:
    with pytest.raises(BadPath):
        rendered('<a href="/\ue006who.href\ue007"></a>', href=href)


def test_a_value_nobody_gave_is_an_error_and_no_empty_place() -> None:
    with pytest.raises(UndefinedError):
        rendered("<p>\ue000who.name\ue001</p>")


def test_marks_that_do_not_belong_together_are_an_error_at_once() -> None:
    with pytest.raises(TemplateError):
        Template("<p>\ue002if who.on\ue003</p>")


def test_what_is_told_to_scripts_cannot_end_its_element() -> None:
    assert told('{"a":"</script><!--"}') == (
        '<script type="application/json" id="primed">{"a":"\\u003c/script>\\u003c!--"}</script>'
    )
