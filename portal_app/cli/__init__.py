"""`python -m portal_app.cli <command>`: for the people who run the portal. One room for each subject."""

from portal_app.cli.commands import main

__all__ = ["main"]
