"""Reflex's plugin that has every page prerendered, also those whose address names a record."""

from typing import Any

import reflex as rx

from portal_app.priming.examples import with_examples


class Examples(rx.plugins.Plugin):
    """Asks React Router to prerender the example of every route that has one."""

    def pre_compile(self, **context: Any) -> None:
        """Called by Reflex before it writes the front end."""
        routes = [page.route for page in context["unevaluated_pages"]]
        context["add_modify_task"]("react-router.config.js", lambda config: with_examples(config, routes))
