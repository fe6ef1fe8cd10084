"""Long random lives of carts and orders against the sandbox, with rules that must hold after every step."""
