"""Tools for the people who work on the portal. Never imported by portal_app."""
