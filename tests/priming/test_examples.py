"""Example addresses of routes that name a record, and how React Router is asked for them."""

import json
from types import SimpleNamespace

import pytest
from reflex.utils.frontend_skeleton import _update_react_router_config
from reflex_base.config import get_config

from portal_app.priming.examples import example_of, with_examples
from portal_app.priming.plugin import Examples


@pytest.mark.parametrize(
    ("route", "example"),
    [
        ("orders/[order_id]", "/orders/_"),
        ("/a/[b]/c/[d]", "/a/_/c/_"),
        ("dashboard", "/dashboard"),
        ("/", "/"),
        ("", "/"),
    ],
)
def test_a_route_has_one_example(route: str, example: str) -> None:
    assert example_of(route) == example


def test_reflexs_own_configuration_asks_for_the_examples_beside_all_else() -> None:
    config = _update_react_router_config(get_config(), prerender_routes=True)
    changed = with_examples(config, ["orders", "orders/[order_id]", "support/cases/[case_id]"])
    assert '"prerender": ({ getStaticPaths }) => [...getStaticPaths(), ...["/orders/_", "/support/cases/_"]]' in changed
    assert changed.partition('"prerender"')[0] == config.partition('"prerender"')[0]


def test_where_nothing_is_prerendered_nothing_is() -> None:
    config = _update_react_router_config(get_config(), prerender_routes=False)
    assert with_examples(config, ["orders/[order_id]"]) == config


def test_the_plugin_takes_the_pages_reflex_is_about_to_write() -> None:
    tasks = []
    pages = [SimpleNamespace(route="orders"), SimpleNamespace(route="orders/[order_id]")]
    Examples().pre_compile(unevaluated_pages=pages, add_modify_task=lambda *task: tasks.append(task))
    [(file, modify)] = tasks
    assert file == "react-router.config.js"
    assert json.dumps(["/orders/_"]) in modify('{"prerender": true}')
