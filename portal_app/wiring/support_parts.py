"""Hands out what the room `support` has; `portal_app.wiring` passes these functions on."""
