"""The network operator's partner API for SIMs. Most of it is a placeholder: see codes.py."""
