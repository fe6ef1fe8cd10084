"""Hands out what the room `identity` has; `portal_app.wiring` passes these functions on."""
