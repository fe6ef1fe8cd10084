"""The first screen's data inside the HTML: how a prerendered page becomes a template (docs/first-data.md).

Knows no page and no state of the portal.
"""
