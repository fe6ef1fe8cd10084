"""Measurements in a real browser, side by side with the barest Reflex app that shows the same kind of page."""
