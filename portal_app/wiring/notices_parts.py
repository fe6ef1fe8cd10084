"""Hands out what the room `notices` has; `portal_app.wiring` passes these functions on."""
