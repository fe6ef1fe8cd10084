"""Stand-ins for the outside systems: WHMCS and a mail server, with an operator console to drive them.

Speaks only the vendors' wire formats and knows nothing of whoever calls it. See docs/sandbox.md.
A stand-in is not evidence about the vendor: what is believed rather than documented is marked [U] in this code.
"""
