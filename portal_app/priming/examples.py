"""Pages whose address names a record, `/orders/[order_id]`: prerendered at an example of it, `/orders/_`.

React Router prerenders by itself only what has one address. An example's HTML is the page's own: the same route, the
same scripts, and nothing in it says which record it is, so it is the template of every record's page.
"""

import json
import re
from collections.abc import Iterable

_PARAMETER = re.compile(r"\[[^\[\]]+\]")


def example_of(route: str) -> str:
    """The path that stands for all paths of a route, whose only one it is where the route names no record."""
    return "/" + _PARAMETER.sub("_", route).strip("/")


def with_examples(config: str, routes: Iterable[str]) -> str:
    """Reflex's configuration of React Router, with the examples beside what it prerenders, if anything."""
    examples = [example_of(route) for route in routes if _PARAMETER.search(route)]
    paths = f"({{ getStaticPaths }}) => [...getStaticPaths(), ...{json.dumps(examples)}]"
    return config.replace('"prerender": true', f'"prerender": {paths}')
