"""Long random lives of the portal, with rules that must hold after every step."""
